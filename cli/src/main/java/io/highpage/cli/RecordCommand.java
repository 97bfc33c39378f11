// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.Printable;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.cli.record.Recorder;
import io.highpage.cli.record.Recorder.Outcome;
import io.highpage.cli.recording.Recording;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** Runs a command whose Java processes record what Highpage does. */
@Command(
        name = "record",
        description = {
            "Run a command and record what Highpage does in its Java processes.",
            "COMMAND is java, a script that starts it, or 'highpage run' itself, with its own"
                    + " options behind it; -- in front of it is not needed. A recording is written"
                    + " when its process ends, also by Ctrl-C; 'highpage timeline' shows it."
        },
        mixinStandardHelpOptions = true,
        versionProvider = HighpageCommand.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "N:the command's own, 128+N if signal N ended it",
            "1:the command could not be started, or the recording not be written",
            "2:the command line makes no sense"
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class RecordCommand implements Callable<Integer> {
    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE.jfr",
            description = "Where to write the recording; %%p stands for the number of the process."
                    + " With several processes it is added to the name. A name with the time, in"
                    + " this folder, if not given.")
    private @Nullable Path out;

    @Option(
            names = "--settings",
            paramLabel = "NAME",
            defaultValue = "continuous",
            description = "What to record: continuous, which may run for days, profile, which"
                    + " leaves out nothing, or a file of settings; default: ${DEFAULT-VALUE}.")
    private String settings;

    @Option(
            names = "--max-size",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "The most that each process keeps of its recording, the newest of it;"
                    + " what Java says (250 MiB) if not given.")
    private @Nullable Long maxSize;

    @Option(names = "--debug", description = "Show where in the program an error came from.")
    private boolean debug;

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "The command and its words.")
    private List<String> command;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        OptionalLong limit = maxSize == null ? OptionalLong.empty() : OptionalLong.of(maxSize);
        try (Recorder recorder = Recorder.of(out == null ? nameWithTime() : out, settings, limit)) {
            int exitCode = recorder.run(command, atSignal -> finish(recorder));
            tell(recorder.keep());
            return exitCode;
        }
    }

    private void finish(Recorder recorder) {
        try (recorder) {
            tell(recorder.keep());
        } catch (UserError failed) {
            say(String.valueOf(failed.getMessage()));
        }
    }

    private static Path nameWithTime() {
        String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
        Path name = Path.of("highpage-" + time + ".jfr");
        for (int more = 2; Files.exists(name); more++) {
            name = Path.of("highpage-" + time + "-" + more + ".jfr");
        }
        return name;
    }

    private void tell(Outcome recorded) {
        recorded.without()
                .forEach(pid -> say("Java process " + pid + " wrote no recording: it was"
                        + " killed, crashed, or ended by Runtime.halt"));
        recorded.later()
                .forEach(file -> say("a Java process still runs; when it has ended, " + file
                        + " is its recording"));
        if (!recorded.files().isEmpty()) {
            tellOf(recorded.files());
        } else if (recorded.without().isEmpty() && recorded.later().isEmpty()) {
            say("no recording was written: " + command.getFirst() + " started no Java"
                    + " process by the java command of JDK 25 or newer");
        }
    }

    private void tellOf(List<Path> recordings) {
        String files = recordings.stream()
                .map(file -> file + " (" + Units.bytes(size(file)) + ")")
                .collect(Collectors.joining(", "));
        String first = recordings.getFirst().toString();
        say("wrote " + files + "; to look at it: highpage timeline " + Printable.word(first)
                + " -o " + Printable.word(first.replaceFirst("\\.jfr$", ".html")));
        recordings.forEach(file -> missing(file).ifPresent(this::say));
    }

    /** A process that could not write all of it ends as if it had. */
    private static Optional<String> missing(Path file) {
        try {
            return Recording.of(file).cut().map(why -> file + " is not whole: " + why);
        } catch (UserError unreadable) {
            return Optional.of(String.valueOf(unreadable.getMessage()));
        }
    }

    private void say(String text) {
        spec.commandLine().getErr().println("highpage: " + text);
        spec.commandLine().getErr().flush();
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw UserError.io("cannot read " + file, e);
        }
    }
}
