// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.Json;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.SameFile;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.cli.perfetto.PerfettoFormat;
import io.highpage.cli.recording.Recording;
import io.highpage.cli.timeline.Part;
import io.highpage.cli.timeline.TimelineFormat;
import io.highpage.cli.timeline.TimelinePage;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** Draws what a recording tells. */
@Command(
        name = "timeline",
        description = "Show what a recording of the JDK's flight recorder tells over time: where"
                + " the bytes of every buffer were, who held them, what was evicted, who waited"
                + " for what. A second recording is put below, each from its own start.",
        mixinStandardHelpOptions = true,
        versionProvider = HighpageCommand.Version.class)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class TimelineCommand implements Callable<Integer> {
    private static final List<TimelineFormat> FORMATS =
            List.of(new TimelinePage(), new PerfettoFormat());

    @Parameters(
            arity = "1..2",
            paramLabel = "RECORDING",
            description = "A file of the flight recorder, such as 'highpage record' makes, and one"
                    + " to compare it with.")
    private List<Path> files;

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "OUT",
            description = "The file to be written: a page for a browser, which needs no network, if"
                    + " its name ends with .html, and a trace for ui.perfetto.dev if with"
                    + " .pftrace.")
    private Path out;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "Only from then on, such as 90s, 1.5min or 250ms, from the start of the"
                    + " recording. A page of a part is as fine as one of all.")
    private @Nullable Long from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "Only until then.")
    private @Nullable Long to;

    @Mixin
    private OutputOptions output;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (files.size() > 2) { // picocli takes its arity for each of them anew
            throw UserError.usage(files.size() + " recordings: two at most are compared");
        }
        TimelineFormat format = format();
        for (Path file : files) {
            if (SameFile.is(file, out)) {
                throw UserError.usage(
                        "OUT " + out + " and RECORDING " + file + " are the same file");
            }
        }
        Part part = part();
        output.tellOfLeftovers(List.of(out), spec.commandLine().getErr());
        List<Recording> recordings = files.stream().map(Recording::of).toList();
        long bytes;
        try (OutputFile target = OutputFile.create(out)) {
            try (OutputStream stream = new BufferedOutputStream(target.stream(), 1 << 16)) {
                format.write(recordings, part, stream);
            }
            bytes = target.byteSize();
            target.complete();
        } catch (IOException e) {
            throw UserError.io("cannot write " + out, e);
        }
        report(recordings, bytes);
        return 0;
    }

    private Part part() {
        long begin = from == null ? 0 : from;
        long end = to == null ? Long.MAX_VALUE : to;
        if (end <= begin) {
            throw UserError.usage(
                    "--to " + Units.seconds(end) + " is not after --from " + Units.seconds(begin));
        }
        return new Part(begin, end);
    }

    private TimelineFormat format() {
        String suffixes =
                FORMATS.stream().map(TimelineFormat::suffix).collect(Collectors.joining(" or "));
        return FORMATS.stream()
                .filter(format -> out.toString().endsWith(format.suffix()))
                .findFirst()
                .orElseThrow(() -> UserError.usage(
                        "the name of OUT " + out + " does not end with " + suffixes));
    }

    private void report(List<Recording> recordings, long bytes) {
        PrintWriter lines = output.report(List.of(out), spec.commandLine());
        for (Recording recording : recordings) {
            recording
                    .cut()
                    .ifPresent(cut -> spec.commandLine()
                            .getErr()
                            .println("highpage: RECORDING " + recording.path() + " is not whole: "
                                    + cut));
        }
        if (output.json) {
            lines.println(Json.text(Json.object(
                    "out", out.toString(),
                    "bytes", bytes,
                    "recordings", recordings.stream().map(TimelineCommand::json).toList())));
        } else {
            recordings.forEach(recording ->
                    lines.println(recording.path() + ": " + Units.seconds(recording.nanos())));
            lines.println("written: " + out + ", " + Units.bytes(bytes));
        }
        lines.flush();
    }

    private static Object json(Recording recording) {
        return Json.object(
                "file", recording.path().toString(),
                "start", recording.start().toString(),
                "seconds", recording.nanos() / 1e9,
                "whole", recording.cut().isEmpty());
    }
}
