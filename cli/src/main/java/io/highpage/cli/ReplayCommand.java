// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.Highpage;
import io.highpage.cli.console.Json;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Progress;
import io.highpage.cli.console.SameFile;
import io.highpage.cli.console.SystemMemory;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.cli.recording.Recording;
import io.highpage.cli.replay.ProgramResult;
import io.highpage.cli.replay.ProgramResult.Verdict;
import io.highpage.cli.replay.ProgramTrace;
import io.highpage.cli.replay.ReplayResult;
import io.highpage.cli.replay.Replayer;
import io.highpage.cli.replay.Trace;
import io.highpage.cli.replay.TraceParser;
import io.highpage.cli.replay.Traces;
import io.highpage.cli.retrace.Accesses;
import io.highpage.cli.retrace.Retrace;
import io.highpage.cli.retrace.Retraced;
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
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Replays what Linux, or a program, did and compares. */
@Command(
        name = "replay",
        description = {
            "Replay page operations that were recorded, and compare every step.",
            "FILE has traces of a Linux kernel, or of programs. --from makes a trace of a"
                    + " recording of a program ('highpage record') and replays it; --save keeps the"
                    + " trace instead, so that it becomes a test."
        },
        mixinStandardHelpOptions = true,
        versionProvider = HighpageCommand.Version.class)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class ReplayCommand implements Callable<Integer> {
    @Parameters(arity = "0..*", paramLabel = "FILE", description = "Trace files.")
    private List<Path> files = List.of();

    @Option(
            names = "--from",
            paramLabel = "RECORDING",
            description = "A recording of a program that used Highpage, in place of FILE.")
    private @Nullable Path from;

    @Option(
            names = "--save",
            paramLabel = "FILE",
            description = "Only write the trace of --from to a file, which replay takes.")
    private @Nullable Path save;

    @Option(
            names = "--accesses",
            paramLabel = "FILE",
            description = "Only write the device accesses of --from to a file, which 'highpage"
                    + " bench policy' takes.")
    private @Nullable Path accesses;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "host, host-private, opencl, opencl-private or another of 'highpage"
                    + " devices'; as the traces are if not given, or the like of it in host"
                    + " memory.")
    private @Nullable String device;

    @Option(
            names = "--device-memory",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "How much memory each device of a program is to have, before --scale;"
                    + " as recorded if not given.")
    private @Nullable Long deviceMemory;

    @Option(
            names = "--scale",
            paramLabel = "N",
            defaultValue = "1",
            description = "Make pages, spans and device memory of programs N times smaller, a"
                    + " power of two, so that large buffers fit here; page numbers stay.")
    private int scale;

    @Option(
            names = "--steps",
            description = "Print every step of a program, not only those that went otherwise.")
    private boolean everyStep;

    @Mixin
    private OutputOptions output;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        checkOptions();
        Traces traces = from == null ? parse() : new Traces(List.of(), retraced(from));
        if (save != null) {
            write(save, traces.programs().stream().flatMap(ProgramTrace::lines));
        }
        if (accesses != null) {
            write(accesses, Stream.of(Accesses.text(traces.programs(), memory()).stripTrailing()));
        }
        return save != null || accesses != null ? 0 : replay(traces);
    }

    private void checkOptions() {
        if (files.isEmpty() == (from == null)) {
            throw UserError.usage("replay takes either FILE, or --from RECORDING");
        }
        if (from == null && (save != null || accesses != null)) {
            throw UserError.usage("--save and --accesses write what is made of --from RECORDING,"
                    + " which is not given");
        }
        if (scale < 1 || Integer.bitCount(scale) != 1) {
            throw UserError.usage("--scale " + scale + " is no power of two");
        }
        for (Path written : Stream.of(save, accesses).filter(Objects::nonNull).toList()) {
            if (from != null && SameFile.is(written, from)) {
                throw UserError.usage(written + " would replace the recording that is read");
            }
        }
        if (save != null && accesses != null && SameFile.is(save, accesses)) {
            throw UserError.usage(
                    "--save " + save + " and --accesses " + accesses + " are the same file");
        }
    }

    private OptionalLong memory() {
        return deviceMemory == null ? OptionalLong.empty() : OptionalLong.of(deviceMemory);
    }

    private List<ProgramTrace> retraced(Path recording) {
        Retraced retraced = Retrace.of(Recording.of(recording));
        retraced.notes().forEach(note -> spec.commandLine().getErr().println("highpage: " + note));
        spec.commandLine().getErr().flush();
        return retraced.traces();
    }

    private static void write(Path path, Stream<String> lines) {
        try (OutputFile file = OutputFile.create(path)) {
            lines.forEach(line -> file.append(
                    MemorySegment.ofArray((line + "\n").getBytes(StandardCharsets.UTF_8)),
                    count -> {}));
            file.complete();
        }
    }

    private Traces parse() {
        List<Trace> kernel = new ArrayList<>();
        List<ProgramTrace> programs = new ArrayList<>();
        for (Path file : files) {
            Traces found = parse(file);
            kernel.addAll(found.kernel());
            programs.addAll(found.programs());
        }
        return new Traces(kernel, programs);
    }

    private static Traces parse(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw UserError.failed("cannot read FILE " + file + ": it is a folder");
            }
            return TraceParser.read(file);
        } catch (IOException e) {
            throw UserError.io("cannot read FILE " + file, e);
        }
    }

    private int replay(Traces traces) {
        if (!traces.kernel().isEmpty() && SystemMemory.basePageBytes() != Replayer.PAGE_BYTES) {
            throw UserError.failed("the traces were recorded with pages of " + Replayer.PAGE_BYTES
                    + " bytes, but this system's are " + SystemMemory.basePageBytes());
        }
        Map<DeviceKind, List<Trace>> kinds = traces.kernel().stream()
                .collect(Collectors.groupingBy(
                        Trace::kind, () -> new EnumMap<>(DeviceKind.class), Collectors.toList()));
        // All devices first: a trace of the wrong kind is found before any is replayed.
        Map<DeviceKind, DeviceInfo> devices = new EnumMap<>(DeviceKind.class);
        kinds.forEach((kind, ofKind) -> devices.put(kind, device(ofKind.getFirst())));
        ProgramRuns runs = new ProgramRuns(device, memory(), scale);
        List<ProgramTrace> programs =
                traces.programs().stream().map(runs::checked).toList();
        List<ReplayResult> results = new ArrayList<>();
        kinds.forEach((kind, ofKind) ->
                results.addAll(replay(Objects.requireNonNull(devices.get(kind)), ofKind)));
        List<ProgramResult> ofPrograms = new ArrayList<>();
        for (ProgramTrace program : programs) {
            try (Progress progress =
                    Progress.of("replaying", program.steps().size(), output.json)) {
                ofPrograms.add(runs.run(program, progress::add));
            }
        }
        runs.notes().forEach(note -> spec.commandLine().getErr().println("highpage: " + note));
        spec.commandLine().getErr().flush();
        return report(results, ofPrograms);
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

    private int report(List<ReplayResult> results, List<ProgramResult> programs) {
        List<ReplayResult> failed =
                results.stream().filter(result -> !result.passed()).toList();
        List<ProgramResult> otherwise =
                programs.stream().filter(result -> !result.passed()).toList();
        PrintWriter lines = spec.commandLine().getOut();
        int failures = failed.size() + otherwise.size();
        int passed = results.size() + programs.size() - failures;
        if (output.json) {
            lines.println(Json.text(Json.object(
                    "passed",
                    passed,
                    "failed",
                    failures,
                    "differences",
                    failed.stream().map(ReplayCommand::json).toList(),
                    "programs",
                    programs.stream().map(this::json).toList())));
        } else {
            failed.forEach(lines::println);
            programs.forEach(result -> print(result, lines));
            lines.println(passed + " passed, " + failures + " failed");
        }
        lines.flush();
        return failures == 0 ? 0 : UserError.FAILED;
    }

    private List<ProgramResult.Step> shown(ProgramResult result) {
        return result.steps().stream()
                .filter(step -> everyStep || step.verdict() != Verdict.SAME)
                .toList();
    }

    private void print(ProgramResult result, PrintWriter lines) {
        shown(result).forEach(lines::println);
        lines.println(result.trace().name() + ": "
                + Units.count(result.steps().size(), "step") + ", "
                + Units.count(result.count(Verdict.SAME)) + " as recorded, "
                + Units.count(result.count(Verdict.DIFFERENT)) + " different, "
                + Units.count(result.count(Verdict.NOT_COMPARED)) + " not compared");
    }

    private Map<String, Object> json(ProgramResult result) {
        return Json.object(
                "name", result.trace().name(),
                "steps", result.steps().size(),
                "same", result.count(Verdict.SAME),
                "different", result.count(Verdict.DIFFERENT),
                "notCompared", result.count(Verdict.NOT_COMPARED),
                "shown",
                        shown(result).stream()
                                .map(step -> Json.object(
                                        "number", step.number(),
                                        "step", step.text(),
                                        "verdict", step.verdict().name(),
                                        "got", step.got()))
                                .toList());
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
