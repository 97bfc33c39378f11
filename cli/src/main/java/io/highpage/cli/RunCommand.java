// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.AccessTrace;
import io.highpage.cli.console.Json;
import io.highpage.cli.console.Notes;
import io.highpage.cli.console.Traffic;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.cli.kernel.KernelFile;
import io.highpage.cli.kernel.ScalarArgument;
import io.highpage.cli.run.Comparison;
import io.highpage.cli.run.Cut;
import io.highpage.cli.run.FileArgument;
import io.highpage.cli.run.Inputs;
import io.highpage.cli.run.KernelJob;
import io.highpage.cli.run.Result;
import io.highpage.device.DeviceInfo;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Stack;
import java.util.concurrent.Callable;

/** Runs the user's own kernel over the user's own files. */
@Command(
        name = "run",
        description = {
            "Run an OpenCL C kernel over files.",
            "The kernel's arguments are the --in and --out files in the order given, then what"
                    + " --arg gives. There is one work-item for each element. All inputs have one"
                    + " length, outputs the same unless they are counted; an output starts as"
                    + " zeros and replaces its file only when all is done, all of them or none.",
            "A kernel runs inside this process and nothing keeps it to its buffers: one that"
                    + " leaves them can end the process"
                    + " (exit code 128 and the signal's number), or damage what it works on."
        },
        mixinStandardHelpOptions = true,
        versionProvider = HighpageCommand.Version.class,
        footerHeading = "%nExample:%n",
        footer = {"  highpage run scale.cl --kernel scale --in a.f32 --out b.f32 --arg float:0.5"})
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class RunCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "KERNEL.cl", description = "OpenCL C source, in UTF-8.")
    private Path source;

    @Option(
            names = "--kernel",
            required = true,
            paramLabel = "NAME",
            description = "The kernel to run.")
    private String kernel;

    @Option(
            names = "--in",
            required = true,
            arity = "1..*",
            paramLabel = "FILE",
            parameterConsumer = FileConsumer.class,
            description = "Files that the kernel reads; - is standard input. A pipe is read to its"
                    + " end first, into a temporary file.")
    private List<String> in;

    @Option(
            names = "--out",
            required = true,
            arity = "1..*",
            paramLabel = "FILE[:COUNT]",
            parameterConsumer = FileConsumer.class,
            description = "Files that the kernel makes; - is standard output, and the report goes"
                    + " to standard error then. COUNT is how many elements of the kernel's type a"
                    + " file has that is not as long as the inputs. A file whose name ends in a"
                    + " colon and digits needs one more colon.")
    private List<String> out;

    @Option(
            names = "--arg",
            arity = "1..*",
            paramLabel = "TYPE:VALUE",
            converter = ScalarConverter.class,
            description = "Numbers, such as float:0.5 or uint:0xff; TYPE is " + ScalarArgument.TYPES
                    + ". For a pointer to local memory local:SIZE, the bytes for each group of"
                    + " work-items, such as local:4K.")
    private List<ScalarArgument> scalars = new ArrayList<>();

    @Option(
            names = "-D",
            paramLabel = "NAME[=VALUE]",
            description = "Defines a macro for the kernel's source; 1 without a value.")
    private List<String> defines = new ArrayList<>();

    @Option(
            names = "-I",
            paramLabel = "FOLDER",
            description = "Where #include looks for files, after the folder of KERNEL.cl.")
    private List<Path> includes = new ArrayList<>();

    @Option(
            names = "--group",
            paramLabel = "N",
            description = "How many work-items work together, which share local memory; it divides"
                    + " their number. As the kernel or the driver has it if not given.")
    private @Nullable Long group;

    @Option(
            names = "--element-bytes",
            paramLabel = "N",
            converter = SizeConverter.class,
            description = "Bytes of each file for one work-item; if not given, those of the largest"
                    + " type that an --in"
                    + " or --out argument of the kernel points to, below which it would"
                    + " run out of its buffers.")
    private @Nullable Long elementBytes;

    @Option(
            names = "--chunk",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description =
                    "Says that the kernel works on each element by itself, so that files may be"
                            + " fed in pieces of at"
                            + " most this size, a multiple of the element's. Pieces are read,"
                            + " computed and written at"
                            + " the same time, which takes two of each file in host memory, and"
                            + " two on the device if it"
                            + " has room.")
    private @Nullable Long chunk;

    @Option(
            names = "--elementwise",
            description = "Says that the kernel works on each element by itself, in any order: it"
                    + " reads and writes nothing but its own element of each file, and uses its"
                    + " number for nothing else. So files may be larger than the device's memory:"
                    + " the kernel is run over a span of them after the other, numbered from 0 in"
                    + " each. --chunk says so too.")
    private boolean elementWise;

    @Option(
            names = "--compare",
            description = "With --chunk: do the same also as programs do without Highpage"
                    + " (FileChannel, clEnqueueWriteBuffer,"
                    + " the kernel, clEnqueueReadBuffer, FileChannel, one after the"
                    + " other), each three times in"
                    + " turns, the first to warm up and bring the files into the page"
                    + " cache. Print both"
                    + " throughputs and fail if the outputs differ.")
    private boolean compare;

    @Mixin
    private DeviceOptions device;

    @Mixin
    private OutputOptions output;

    @Spec
    private CommandSpec spec;

    private final List<FileArgument> files = new ArrayList<>();

    @Override
    public Integer call() {
        if (compare && chunk == null) {
            throw UserError.usage("--compare needs --chunk");
        }
        if (compare && device.accesses != null) {
            throw UserError.usage("--record-accesses is for one run, and --compare does several");
        }
        if (group != null && group < 1) {
            throw UserError.usage("--group " + group + " is not a positive number");
        }
        KernelJob.Call call = new KernelJob.Call(
                source,
                KernelFile.read(source, defines, includes),
                kernel,
                List.copyOf(scalars),
                optional(group));
        try (Inputs inputs = Inputs.of(files)) {
            KernelJob job = KernelJob.of(
                    call,
                    inputs.arguments(),
                    optional(elementBytes),
                    Cut.of(elementWise, optional(chunk)));
            DeviceInfo info = device.findOpenCl();
            output.tellOfLeftovers(device.outputs(outputs()), spec.commandLine().getErr());
            report(info, done(job, info));
        }
        return 0;
    }

    private List<Path> outputs() {
        return files.stream()
                .filter(FileArgument::output)
                .map(FileArgument::path)
                .toList();
    }

    /**
     * What a run came to.
     *
     * @param told what else there is to say of it
     */
    private record Done(
            Result result, Optional<Comparison> comparison, List<String> told, long nanos) {}

    private Done done(KernelJob job, DeviceInfo info) {
        long start = System.nanoTime();
        Optional<Comparison> comparison = Optional.empty();
        Result result;
        List<String> told;
        try (Notes notes = Notes.keep()) {
            if (compare) {
                comparison = Optional.of(job.compare(info, device.limit(), output.json));
                result = comparison.get().pipeline();
            } else {
                List<Path> others =
                        new ArrayList<>(files.stream().map(FileArgument::path).toList());
                others.add(source);
                try (AccessTrace trace = device.trace(others)) {
                    result = job.run(info, device.limit(), trace, output.json);
                }
            }
            told = notes.take();
        }
        return new Done(result, comparison, told, System.nanoTime() - start);
    }

    private void report(DeviceInfo info, Done done) {
        PrintWriter lines = output.report(device.outputs(outputs()), spec.commandLine());
        if (output.json) {
            Map<String, Object> json = json(info, done.result(), done.nanos());
            done.comparison().ifPresent(both -> addTo(json, both));
            json.put("notes", done.told());
            lines.println(Json.text(json));
        } else {
            print(lines, info, done.result(), done.nanos());
            done.comparison().ifPresent(both -> print(lines, both));
            done.told().forEach(note -> lines.println("note: " + note));
        }
        lines.flush();
    }

    private static OptionalLong optional(@Nullable Long given) {
        return given == null ? OptionalLong.empty() : OptionalLong.of(given);
    }

    private void print(PrintWriter lines, DeviceInfo info, Result result, long nanos) {
        lines.println("ran " + kernel + " on " + info.name() + ": "
                + Units.count(result.work().items(), "work-item")
                + " of " + Units.count(result.work().elementBytes(), "byte") + " in "
                + Units.count(result.work().pieces(), "piece") + ", "
                + Units.seconds(result.kernelNanos()) + " in the kernel, " + Units.seconds(nanos)
                + " in all");
        if (result.work().pieces() > 1 && result.deviceSets() == 1) {
            lines.println("the device has room for one piece at a time: nothing is copied while a"
                    + " kernel runs");
        }
        for (int i = 0; i < outputs().size(); i++) {
            lines.println("wrote " + outputs().get(i) + ", "
                    + Units.count(result.work().outputBytes().get(i), "byte"));
        }
        result.traffic()
                .map(Traffic::evictions)
                .filter(text -> !text.isEmpty())
                .ifPresent(lines::println);
        lines.println("files by " + result.transfer());
    }

    private Map<String, Object> json(DeviceInfo info, Result result, long nanos) {
        Map<String, Object> json = Json.object(
                "device", info.name(),
                "kernel", kernel,
                "workItems", result.work().items(),
                "elementBytes", result.work().elementBytes(),
                "pieces", result.work().pieces(),
                "piecesOnDevice", result.deviceSets(),
                "fileBytes", result.work().bytes(),
                "kernelSeconds", result.kernelNanos() / 1e9,
                "seconds", nanos / 1e9,
                "files", result.transfer(),
                "outputs", outputs().stream().map(Path::toString).toList(),
                "outputBytes", result.work().outputBytes());
        result.traffic().ifPresent(traffic -> json.put("traffic", traffic.json()));
        return json;
    }

    private void print(PrintWriter lines, Comparison both) {
        long bytes = both.pipeline().work().bytes() * files.size();
        lines.println("pipeline " + Units.rate(bytes, both.pipelineNanos()) + ", the plain way "
                + Units.rate(bytes, both.plainNanos()) + " of files read and written: "
                + Units.format("%.2f times as fast", both.ratio()) + "; the same bytes (SHA-256)");
    }

    private static void addTo(Map<String, Object> json, Comparison both) {
        json.putAll(Json.object(
                "pipelineSeconds", both.pipelineSeconds(),
                "plainSeconds", both.plainSeconds(),
                "ratio", both.ratio(),
                "sameBytes", true,
                "sha256", both.sha256()));
    }

    /** Remembers inputs and outputs in one list, in the order in which they were given. */
    static final class FileConsumer implements IParameterConsumer {
        @Override
        public void consumeParameters(
                Stack<String> arguments, ArgSpec option, CommandSpec command) {
            RunCommand run = (RunCommand) command.userObject();
            String name = ((OptionSpec) option).longestName();
            List<String> names = option.getValue() == null ? new ArrayList<>() : option.getValue();
            int before = names.size();
            while (!arguments.isEmpty() && !isOption(command, arguments.peek())) {
                String given = arguments.pop();
                run.files.add(file(command, name, given));
                names.add(given);
            }
            if (names.size() == before) {
                throw new ParameterException(
                        command.commandLine(), name + " needs at least one FILE");
            }
            option.setValue(names);
        }

        private static FileArgument file(CommandSpec command, String option, String given) {
            try {
                return option.equals("--out")
                        ? FileArgument.output(given)
                        : FileArgument.input(given);
            } catch (IllegalArgumentException bad) { // also of a name that the system cannot have
                throw new ParameterException(
                        command.commandLine(), option + ": " + bad.getMessage());
            }
        }

        /** Such as {@code --arg}, {@code --arg=int:1}, {@code -D} and {@code -DN=1}. */
        private static boolean isOption(CommandSpec command, String argument) {
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            return command.optionsMap().containsKey(name)
                    || argument.length() > 2
                            && command.optionsMap().containsKey(argument.substring(0, 2));
        }
    }

    /** Reads numbers such as {@code float:0.5}. */
    static final class ScalarConverter implements ITypeConverter<ScalarArgument> {
        @Override
        public ScalarArgument convert(String text) {
            try {
                return ScalarArgument.parse(text);
            } catch (IllegalArgumentException bad) {
                throw new TypeConversionException(bad.getMessage());
            }
        }
    }
}
