// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.record;

import io.highpage.cli.console.UserError;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs a command whose Java processes record themselves. Each writes when it ends, into a folder
 * beside the recording to be; from there recordings come to their places when the command has
 * ended. Confined to one thread.
 */
public final class Recorder implements AutoCloseable {
    /** Read by the java command and not by javac, jcmd and others; see docs/record.md. */
    private static final String OPTIONS = "JDK_JAVA_OPTIONS";

    /** So that who reads it knows what is not in it. */
    private static final String SAYS_SETTINGS = ",+jdk.ActiveSetting#enabled=true";

    private static final String ENDING = ".jfr";
    /** Java before 19 leaves %p as it is; Highpage needs a later one. */
    private static final Pattern OF_A_PROCESS = Pattern.compile("\\d+\\.jfr");

    private final RecordingName name;
    private final Path folder;
    private final String option;
    private boolean needed;

    private Recorder(RecordingName name, Path folder, String option) {
        this.name = name;
        this.folder = folder;
        this.option = option;
    }

    /**
     * Gets ready to record.
     *
     * @param output the recording to be, with {@code %p} where the process's number is to stand
     * @param settings {@code continuous}, {@code profile} or a file of settings
     * @param maxBytes how much each process keeps of what it records, the newest
     * @return what runs one command
     * @throws UserError if the recording could not be written, or there are no such settings
     */
    public static Recorder of(Path output, String settings, OptionalLong maxBytes) {
        RecordingName name = new RecordingName(output);
        Path folder;
        try {
            folder = Files.createTempDirectory(name.folder(), ".highpage-record-");
        } catch (IOException e) {
            throw UserError.io("cannot write " + output, e);
        }
        try {
            String option = "-XX:StartFlightRecording:name=highpage,filename="
                    + quoted(folder.resolve("%p" + ENDING), folder) + ",settings="
                    + quoted(Settings.file(settings, folder), folder)
                    + SAYS_SETTINGS;
            if (maxBytes.isPresent()) {
                option += ",maxsize=" + maxBytes.getAsLong();
            }
            return new Recorder(name, folder, option);
        } catch (RuntimeException | Error e) {
            remove(folder);
            throw e;
        }
    }

    /** An option in a variable of the environment has quotes of two kinds, and no way around. */
    private static String quoted(Path path, Path folder) {
        String text = path.toString();
        String fixed = text.startsWith(folder.toString()) ? folder.toString() : text;
        if (fixed.matches("(?s).*[\"'%\\v].*")) {
            throw UserError.failed("cannot record with " + fixed + ": options of Java cannot have"
                    + " quotes, % and line ends in the names of files; choose a folder without");
        }
        return '"' + text + '"';
    }

    /**
     * Runs the command with this process's input, output and environment, and waits for its end. A
     * signal that ends this process ends the command first.
     *
     * @param command its words
     * @param atSignal is given the exit code when the command has ended by a signal to this
     *     process, which ends when that returns
     * @return the command's exit code
     * @throws UserError if it cannot be started
     */
    public int run(List<String> command, IntConsumer atSignal) {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        // What the JVM says of a recording that begins would stand in the command's output.
        builder.environment()
                .merge(
                        OPTIONS,
                        "'" + option + "' -Xlog:jfr+startup=error",
                        (given, ours) -> given + " " + ours);
        Process process = start(builder);
        Thread end = new Thread(
                () -> {
                    process.destroy();
                    int exitCode = process.onExit().join().exitValue();
                    atSignal.accept(exitCode);
                    Runtime.getRuntime().halt(exitCode);
                },
                "highpage record end");
        Runtime.getRuntime().addShutdownHook(end);
        int exitCode = process.onExit().join().exitValue();
        try {
            Runtime.getRuntime().removeShutdownHook(end);
        } catch (IllegalStateException ending) {
            awaitHalt(end);
        }
        return exitCode;
    }

    private static Process start(ProcessBuilder builder) {
        try {
            return builder.start();
        } catch (IOException e) {
            String why = String.valueOf(e.getMessage()); // with the number of the system's error
            throw UserError.failed(
                    "cannot start " + builder.command().getFirst() + ": "
                            + (why.contains("error: 2 ")
                                    ? "no such command"
                                    : why.contains("error: 13 ") ? "permission denied" : why),
                    e);
        }
    }

    /** What is to be done is done there, and then the process ends. */
    private static void awaitHalt(Thread end) {
        while (true) {
            try {
                end.join();
            } catch (InterruptedException again) {
                // Nothing may be done here any more.
            }
        }
    }

    /**
     * Brings the recordings to their places.
     *
     * @return what there is
     * @throws UserError if one cannot be brought there; it stays where it is then
     */
    public Outcome keep() {
        List<Path> written = new ArrayList<>();
        List<Long> without = new ArrayList<>();
        List<Path> later = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Recorder::isOfAProcess)
                    .sorted(Comparator.comparingLong(Recorder::pid))
                    .toList()) {
                // A process makes the file when it begins, and fills it when it ends.
                if (Files.size(file) > 0) {
                    written.add(file);
                } else if (ProcessHandle.of(pid(file)).isPresent()) {
                    later.add(file);
                } else {
                    without.add(pid(file));
                }
            }
        } catch (IOException e) {
            throw UserError.io("cannot look for recordings in " + folder, e);
        }
        needed = !later.isEmpty();
        return new Outcome(
                written.stream().map(file -> place(file, written.size() == 1)).toList(),
                without,
                later);
    }

    private Path place(Path file, boolean alone) {
        Path place = name.of(pid(file), alone);
        try {
            return Files.move(file, place);
        } catch (IOException e) {
            needed = true;
            throw UserError.io("cannot write " + place + ", so " + file + " has the recording", e);
        }
    }

    private static boolean isOfAProcess(Path file) {
        return OF_A_PROCESS.matcher(file.getFileName().toString()).matches();
    }

    private static long pid(Path file) {
        String name = file.getFileName().toString();
        return Long.parseLong(name.substring(0, name.length() - ENDING.length()));
    }

    /** Removes what is not needed any more. */
    @Override
    public void close() {
        if (!needed) {
            remove(folder);
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw UserError.io("cannot remove " + folder, e);
        }
    }

    /**
     * What was recorded.
     *
     * @param files the recordings, by the number of their process
     * @param without processes that ended without writing what they had
     * @param later where recordings will be when processes have ended that still run
     */
    public record Outcome(List<Path> files, List<Long> without, List<Path> later) {}
}
