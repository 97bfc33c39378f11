// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.Highpage;
import io.highpage.cli.console.Json;
import io.highpage.cli.console.Progress;
import io.highpage.cli.console.SystemMemory;
import io.highpage.cli.console.UserError;
import io.highpage.cli.replay.ReplayResult;
import io.highpage.cli.replay.Replayer;
import io.highpage.cli.replay.Trace;
import io.highpage.cli.replay.TraceParser;
import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceKind;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** Replays what Linux did and compares. */
@Command(
        name = "replay",
        description = "Replay page operations that were recorded from a Linux kernel, and compare"
                + " every step.",
        mixinStandardHelpOptions = true,
        versionProvider = HighpageCommand.Version.class)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class ReplayCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Trace files.")
    private List<Path> files;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "host, host-private, opencl, opencl-private or another of 'highpage"
                    + " devices'; host or"
                    + " host-private, as the traces are, if not given.")
    private @Nullable String device;

    @Mixin
    private OutputOptions output;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (SystemMemory.basePageBytes() != Replayer.PAGE_BYTES) {
            throw UserError.failed("the traces were recorded with pages of " + Replayer.PAGE_BYTES
                    + " bytes, but this system's are " + SystemMemory.basePageBytes());
        }
        List<Trace> traces = new ArrayList<>();
        files.forEach(file -> traces.addAll(parse(file)));
        Map<DeviceKind, List<Trace>> kinds = traces.stream()
                .collect(Collectors.groupingBy(
                        Trace::kind, () -> new EnumMap<>(DeviceKind.class), Collectors.toList()));
        // All devices first: a trace of the wrong kind is found before any is replayed.
        Map<DeviceKind, DeviceInfo> devices = new EnumMap<>(DeviceKind.class);
        kinds.forEach((kind, ofKind) -> devices.put(kind, device(ofKind.getFirst())));
        List<ReplayResult> results = new ArrayList<>();
        kinds.forEach((kind, ofKind) ->
                results.addAll(replay(Objects.requireNonNull(devices.get(kind)), ofKind)));
        return report(results);
    }

    private static List<Trace> parse(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw UserError.failed("cannot read FILE " + file + ": it is a folder");
            }
            return TraceParser.parse(file);
        } catch (IOException e) {
            throw UserError.io("cannot read FILE " + file, e);
        }
    }

    private DeviceInfo device(Trace trace) {
        if (device == null) {
            return DeviceOptions.named(
                    trace.kind() == DeviceKind.COHERENT ? "host" : "host-private");
        }
        DeviceInfo info = DeviceOptions.named(device);
        if (info.kind() != trace.kind()) {
            throw UserError.usage(
                    "--device " + device + " is a " + word(info.kind()) + " device, but the trace "
                            + trace.title() + " is of kind " + word(trace.kind()));
        }
        return info;
    }

    private List<ReplayResult> replay(DeviceInfo info, List<Trace> traces) {
        List<ReplayResult> results = new ArrayList<>();
        try (Highpage runtime = Highpage.builder().device(info.open()).open();
                Progress progress = Progress.of("replaying", traces.size(), output.json)) {
            Replayer replayer = new Replayer(runtime, runtime.device());
            for (Trace trace : traces) {
                results.add(replayer.replay(trace));
                progress.add(1);
            }
        }
        return results;
    }

    private int report(List<ReplayResult> results) {
        List<ReplayResult> failed =
                results.stream().filter(result -> !result.passed()).toList();
        PrintWriter lines = spec.commandLine().getOut();
        int passed = results.size() - failed.size();
        if (output.json) {
            lines.println(Json.text(Json.object(
                    "passed", passed,
                    "failed", failed.size(),
                    "differences", failed.stream().map(ReplayCommand::json).toList())));
        } else {
            failed.forEach(lines::println);
            lines.println(passed + " passed, " + failed.size() + " failed");
        }
        lines.flush();
        return failed.isEmpty() ? 0 : UserError.FAILED;
    }

    private static Map<String, Object> json(ReplayResult result) {
        ReplayResult.Difference difference = result.difference().orElseThrow();
        return Json.object(
                "file", result.trace().file(),
                "trace", result.trace().line(),
                "seed", result.trace().seed(),
                "line", difference.line(),
                "step", difference.step(),
                "expected", difference.expected(),
                "got", difference.got());
    }

    private static String word(DeviceKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
