// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder of a run that starts processes on this machine. All of it goes with {@link #close},
 * and also however else this process ends: then after the processes that it started, since those
 * write files. Thread-safe.
 */
public final class RunFolder implements AutoCloseable {
    private static final int TRIES = 10;

    private final Path path;
    private final String command;
    private final Thread atEnd = new Thread(this::atEnd, "run-folder-end");
    private volatile boolean isEnding;

    private RunFolder(Path path, String command) {
        this.path = path;
        this.command = command;
    }

    /**
     * Makes one.
     *
     * @param parent where
     * @param command whose run it is, such as {@code highpage spark-demo}
     * @return the folder, which is empty
     * @throws IOException if that is not possible
     */
    public static RunFolder make(Path parent, String command) throws IOException {
        Path path = Files.createTempDirectory(parent, command.replace(' ', '-'));
        RunFolder made = new RunFolder(path, command);
        Runtime.getRuntime().addShutdownHook(made.atEnd);
        return made;
    }

    /** {@return where it is} */
    public Path path() {
        return path;
    }

    /** {@return whether this process is about to end, so that what fails now needs no words} */
    public boolean isEnding() {
        return isEnding;
    }

    /**
     * Has Spark's log written into a file of this folder; before Spark is used first.
     *
     * @throws IOException if its settings cannot be written
     */
    public void keepLog() throws IOException {
        Path settings = Files.writeString(
                path.resolve("log4j2.properties"), """
                appender.file.type = File
                appender.file.name = file
                appender.file.fileName = %s
                appender.file.layout.type = PatternLayout
                appender.file.layout.pattern = %%d %%p %%c{1}: %%m%%n%%ex
                rootLogger.level = info
                rootLogger.appenderRef.file.ref = file
                """.formatted(path.resolve("driver.log")));
        System.setProperty("log4j2.configurationFile", settings.toString());
    }

    private void atEnd() {
        isEnding = true;
        List<ProcessHandle> started = ProcessHandle.current().descendants().toList();
        started.forEach(ProcessHandle::destroyForcibly);
        started.forEach(process -> process.onExit().join());
        try {
            remove();
        } catch (IOException e) {
            System.err.println(command + ": " + e.getMessage());
        }
    }

    /** Removes everything; also while a thread that is about to end still writes. */
    private synchronized void remove() throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                remove(path);
                return;
            } catch (IOException | UncheckedIOException e) {
                if (tries == TRIES) {
                    throw new IOException("files stay in " + path + ": " + e.getMessage(), e);
                }
            }
        }
    }

    /**
     * Removes a folder and all that is in it, if it is there.
     *
     * @param folder its path
     * @throws IOException if something of it stays
     */
    public static void remove(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(each);
                }
            }
        }
    }

    /**
     * Removes it with all that is in it. Again does nothing.
     *
     * @throws IOException if something of it stays
     */
    @Override
    public void close() throws IOException {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException ends) {
            // It does the same.
        }
    }
}
