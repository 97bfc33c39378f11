// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ucx;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The second process, as the first one sees it: what it says, and whether it has ended. */
final class Peer implements AutoCloseable {
    private static final String ENDED = "";
    /** How long it may take to end, in seconds. */
    private static final long ENDING = 5;

    private final Process process;
    private final Duration limit;
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

    private Peer(Process process, Duration limit) {
        this.process = process;
        this.limit = limit;
        Thread reader = new Thread(this::read, "reader");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts a program with the class path and the options of this Java. */
    static Peer start(Class<?> program, List<String> arguments, Duration limit) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        return new Peer(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start(), limit);
    }

    private void read() {
        try (BufferedReader lines = process.inputReader()) {
            String line;
            while ((line = lines.readLine()) != null) {
                said.add(line);
            }
        } catch (IOException gone) {
            // as if it had ended
        }
        said.add(ENDED);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /**
     * {@return what it says of something}
     *
     * @throws IOException if it says that it has failed, ends, or takes longer than the limit
     */
    String hear(String what) throws IOException {
        String line;
        do {
            line = next(what);
        } while (!line.startsWith(what + " ")); // drivers talk too
        return line.substring(what.length() + 1);
    }

    private String next(String what) throws IOException {
        String line;
        try {
            line = said.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        if (line == null) {
            throw new IOException("the other process has not told its " + what + " for "
                    + limit.toSeconds() + " s");
        }
        if (line.equals(ENDED)) {
            throw new IOException("the other process has ended");
        }
        if (line.startsWith("failed ")) {
            throw new IOException("the other process: " + line.substring("failed ".length()));
        }
        return line;
    }

    /** Lets it end, and ends it if it does not. */
    @Override
    public void close() {
        boolean ended = false;
        try {
            process.outputWriter().close(); // what it waits for
            ended = process.waitFor(Math.min(limit.toSeconds(), ENDING), TimeUnit.SECONDS);
        } catch (IOException gone) {
            // it is ended below
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }
}
