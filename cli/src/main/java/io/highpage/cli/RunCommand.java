// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.Json;
import io.highpage.cli.console.Units;
import io.highpage.cli.kernel.KernelJob;
import io.highpage.cli.kernel.KernelJob.FileArgument;
import io.highpage.cli.kernel.ScalarArgument;
import io.highpage.device.DeviceInfo;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Stack;
import java.util.concurrent.Callable;
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

/** Runs the user's own kernel over the user's own files. */
@Command(
        name = "run",
        description = {
            "Run an OpenCL C kernel over files.",
            "The kernel's arguments are the --in and --out files in the order given, then the --arg numbers. There is"
                    + " one work-item for each element. All inputs have one length, outputs get the same; an output"
                    + " starts as zeros and replaces its file only when all is done."
        },
        mixinStandardHelpOptions = true,
        versionProvider = HighpageCommand.Version.class,
        footerHeading = "%nExample:%n",
        footer = {
            "  highpage run scale.cl --kernel scale --element-bytes 4 \\",
            "      --in a.f32 --out b.f32 --arg float:0.5"
        })
final class RunCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "KERNEL.cl", description = "OpenCL C source, in UTF-8.")
    private Path source;

    @Option(names = "--kernel", required = true, paramLabel = "NAME", description = "The kernel to run.")
    private String kernel;

    @Option(
            names = "--in",
            required = true,
            arity = "1..*",
            paramLabel = "FILE",
            parameterConsumer = FileConsumer.class,
            description = "Files that the kernel reads.")
    private List<Path> in;

    @Option(
            names = "--out",
            required = true,
            arity = "1..*",
            paramLabel = "FILE",
            parameterConsumer = FileConsumer.class,
            description = "Files that the kernel makes.")
    private List<Path> out;

    @Option(
            names = "--arg",
            arity = "1..*",
            paramLabel = "TYPE:VALUE",
            converter = ScalarConverter.class,
            description = "Numbers, such as float:0.5 or uint:0xff; TYPE is " + ScalarArgument.TYPES + ".")
    private List<ScalarArgument> scalars = new ArrayList<>();

    @Option(
            names = "--element-bytes",
            paramLabel = "N",
            defaultValue = "1",
            converter = SizeConverter.class,
            description = "Bytes for each work-item; ${DEFAULT-VALUE} if not given.")
    private long elementBytes;

    @Option(
            names = "--chunk",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description =
                    "Says that the kernel works on each element by itself, so that files may be fed in pieces of at"
                            + " most this size, a multiple of --element-bytes.")
    private Long chunk;

    @Mixin
    private DeviceOptions device;

    @Mixin
    private OutputOptions output;

    @Spec
    private CommandSpec spec;

    private final List<FileArgument> files = new ArrayList<>();

    @Override
    public Integer call() {
        OptionalLong piece = chunk == null ? OptionalLong.empty() : OptionalLong.of(chunk);
        KernelJob job = KernelJob.of(source, kernel, files, scalars, elementBytes, piece);
        DeviceInfo info = device.findOpenCl();
        long start = System.nanoTime();
        KernelJob.Result result = job.run(info, device.limit(), output.json);
        long nanos = System.nanoTime() - start;
        PrintWriter lines = spec.commandLine().getOut();
        if (output.json) {
            lines.println(Json.text(json(info, result, nanos)));
        } else {
            lines.println("ran " + kernel + " on " + info.name() + ": " + Units.count(result.items(), "work-item")
                    + " in "
                    + Units.count(result.pieces(), "piece") + ", "
                    + Units.seconds(result.kernelNanos()) + " in the kernel, " + Units.seconds(nanos) + " in all");
            out.forEach(file -> lines.println("wrote " + file + ", " + Units.count(result.bytes(), "byte")));
            lines.println("files by " + result.transfer());
        }
        lines.flush();
        return 0;
    }

    private Object json(DeviceInfo info, KernelJob.Result result, long nanos) {
        return Json.object(
                "device", info.name(),
                "kernel", kernel,
                "workItems", result.items(),
                "pieces", result.pieces(),
                "fileBytes", result.bytes(),
                "kernelSeconds", result.kernelNanos() / 1e9,
                "seconds", nanos / 1e9,
                "files", result.transfer(),
                "outputs", out.stream().map(Path::toString).toList());
    }

    /** Remembers inputs and outputs in one list, in the order in which they were given. */
    static final class FileConsumer implements IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> arguments, ArgSpec option, CommandSpec command) {
            RunCommand run = (RunCommand) command.userObject();
            String name = ((OptionSpec) option).longestName();
            List<Path> paths = option.getValue() == null ? new ArrayList<>() : option.getValue();
            int before = paths.size();
            while (!arguments.isEmpty() && !command.optionsMap().containsKey(nameOf(arguments.peek()))) {
                Path path = Path.of(arguments.pop());
                run.files.add(new FileArgument(name.equals("--out"), path));
                paths.add(path);
            }
            if (paths.size() == before) {
                throw new ParameterException(command.commandLine(), name + " needs at least one FILE");
            }
            option.setValue(paths);
        }

        private static String nameOf(String argument) {
            int equals = argument.indexOf('=');
            return equals < 0 ? argument : argument.substring(0, equals);
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
