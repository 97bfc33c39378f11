// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.Highpage;
import io.highpage.cli.console.AccessTrace;
import io.highpage.cli.console.CloseAll;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Progress;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.cli.kernel.KernelParameter;
import io.highpage.cli.kernel.OpenClContext;
import io.highpage.cli.kernel.OpenClProgram;
import io.highpage.cli.kernel.ScalarArgument;
import io.highpage.device.DeviceInfo;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * Runs a kernel over files: whole, or piece by piece where the kernel is element-wise. Confined to
 * one thread.
 */
public final class KernelJob {
    private final Path source;
    private final String kernelName;
    private final JobFiles whole;
    private final List<ScalarArgument> scalars;
    private final OptionalLong elementBytes;
    private final Cut cut;

    private KernelJob(
            Path source,
            String kernelName,
            JobFiles whole,
            List<ScalarArgument> scalars,
            OptionalLong elementBytes,
            Cut cut) {
        this.source = source;
        this.kernelName = kernelName;
        this.whole = whole;
        this.scalars = List.copyOf(scalars);
        this.elementBytes = elementBytes;
        this.cut = cut;
    }

    /**
     * Prepares a job and checks all that can be checked without a device.
     *
     * @param source the file with OpenCL C
     * @param kernelName the kernel
     * @param files the first arguments, in order; at least one input
     * @param scalars the arguments after them
     * @param elementBytes bytes for each work-item, if not those that the kernel's own types have
     * @param cut whether and how the files may be cut
     * @return the job
     * @throws UserError if the files do not fit together
     */
    public static KernelJob of(
            Path source,
            String kernelName,
            List<FileArgument> files,
            List<ScalarArgument> scalars,
            OptionalLong elementBytes,
            Cut cut) {
        JobFiles whole = JobFiles.of(files);
        if (elementBytes.isPresent()) {
            // Said before a device is opened.
            JobFiles ignored = whole.cut(elementBytes.getAsLong(), cut.chunk());
        }
        return new KernelJob(source, kernelName, whole, scalars, elementBytes, cut);
    }

    /**
     * Does the job.
     *
     * @param info the OpenCL device
     * @param deviceMemory a limit on device memory, if any
     * @param trace takes note of which spans the kernel uses
     * @param quiet whether to show no progress
     * @return what was done
     * @throws UserError if it cannot be done
     */
    public Result run(
            DeviceInfo info, OptionalLong deviceMemory, AccessTrace trace, boolean quiet) {
        return with(info, deviceMemory, trace, (context, program, way, files) -> {
            Result result = runAndComplete(way, files, quiet);
            trace.write();
            return result;
        });
    }

    /**
     * Does the job in pieces, as {@link #run} and the plain way, in turns.
     *
     * @param info the OpenCL device
     * @param deviceMemory a limit on device memory, if any
     * @param quiet whether to show no progress
     * @return what was done and how the ways compare
     * @throws UserError if it cannot be done, or the ways' outputs differ
     */
    public Comparison compare(DeviceInfo info, OptionalLong deviceMemory, boolean quiet) {
        return with(info, deviceMemory, AccessTrace.NONE, (context, program, way, files) -> {
            Way plain = new PlainWay(context, program, files, scalars);
            return new Comparer(files, way, plain, quiet).compare();
        });
    }

    private interface Work<T> {
        T run(OpenClContext context, OpenClProgram program, Way way, JobFiles files);
    }

    private <T> T with(
            DeviceInfo info, OptionalLong deviceMemory, AccessTrace trace, Work<T> work) {
        String text = read(source);
        try (OpenClContext context = OpenClContext.open(info);
                OpenClProgram program =
                        OpenClProgram.compile(context, source.toString(), text, kernelName)) {
            checkArguments(program.parameters());
            JobFiles files = whole.cut(elementBytes(program.parameters()), cut.chunk());
            Highpage.Builder builder = Highpage.builder().device(context.memory());
            deviceMemory.ifPresent(builder::deviceMemory);
            try (Highpage runtime = builder.open()) {
                Room room = new Room(runtime.device(), deviceMemory.isPresent());
                if (cut.chunk().isPresent()) {
                    room.check(files, cut);
                    Way way = new Pipeline(new Task(runtime, program, files, scalars, room, trace));
                    return work.run(context, program, way, files);
                }
                JobFiles pieces = cut.elementWise() ? room.inSpans(files) : files;
                room.check(pieces, cut);
                Way way = new WholeFiles(new Task(runtime, program, pieces, scalars, room, trace));
                return work.run(context, program, way, pieces);
            }
        }
    }

    private Result runAndComplete(Way way, JobFiles files, boolean quiet) {
        List<OutputFile> outputs = files.createOutputs(path -> path);
        try (Progress progress =
                Progress.ofBytes("running " + kernelName, files.totalBytes(), quiet)) {
            Result result = way.run(outputs, progress);
            OutputFile.complete(outputs);
            return result;
        } finally {
            CloseAll.inOrder(outputs);
        }
    }

    // ---- checks ----

    private static String read(Path source) {
        try {
            String text = Files.readString(source);
            if (text.isBlank()) {
                throw UserError.failed("KERNEL.cl " + source + " is empty");
            }
            return text;
        } catch (CharacterCodingException notText) {
            throw UserError.failed("KERNEL.cl " + source + " is not text in UTF-8", notText);
        } catch (IOException e) {
            throw UserError.io("cannot read KERNEL.cl " + source, e);
        }
    }

    private void checkArguments(List<KernelParameter> parameters) {
        if (parameters.size() != whole.count() + scalars.size()) {
            throw UserError.failed("kernel '" + kernelName + "' takes "
                    + Units.count(parameters.size(), "argument")
                    + " "
                    + parameters.stream()
                            .map(KernelParameter::toString)
                            .collect(Collectors.joining(", ", "(", ")"))
                    + ", but " + (whole.count() + scalars.size()) + " were given: " + given());
        }
        for (int i = 0; i < parameters.size(); i++) {
            KernelParameter parameter = parameters.get(i);
            boolean fits = i < whole.count()
                    ? parameter.buffer().orElse(true)
                    : scalars.get(i - whole.count()).fits(parameter);
            if (!fits) {
                Object argument = i < whole.count()
                        ? whole.arguments().get(i)
                        : "--arg " + scalars.get(i - whole.count());
                throw UserError.failed("argument " + (i + 1) + " of kernel '" + kernelName + "' is "
                        + parameter + ", which cannot be " + argument + "; given were: " + given());
            }
        }
    }

    /**
     * {@return bytes for each work-item: those asked for, else those of the largest type that a
     * file stands for}
     *
     * <p>Fewer would mean more work-items than elements, which read and write beyond their buffers.
     * Nothing catches that: the driver, and with it this process, may die of it.
     */
    private long elementBytes(List<KernelParameter> parameters) {
        List<KernelParameter> buffers = parameters.subList(0, whole.count());
        for (KernelParameter buffer : buffers) {
            if (elementBytes.isEmpty() && buffer.elementBytes().isEmpty()) {
                throw UserError.failed("the size of an element of kernel '" + kernelName
                        + "' is not known, since "
                        + (buffer.type().isEmpty()
                                ? "the driver does not tell the types of its arguments"
                                : "its argument " + buffer + " is of no type of OpenCL C itself")
                        + ": give --element-bytes N, the bytes of each file that one"
                        + " work-item is for");
            }
        }
        checkSameElements(buffers);
        KernelParameter largest = buffers.stream()
                .max(Comparator.comparingLong(buffer -> buffer.elementBytes().orElse(1)))
                .orElseThrow();
        long needed = largest.elementBytes().orElse(1);
        if (elementBytes.isPresent() && elementBytes.getAsLong() < needed) {
            throw UserError.failed(
                    "--element-bytes " + elementBytes.getAsLong() + " is less than the " + needed
                            + " bytes of an element of " + largest + ", an argument of kernel '"
                            + kernelName
                            + "': it would run beyond the end of its buffers");
        }
        return elementBytes.orElse(needed);
    }

    /**
     * Pieces of all files are equally long, so they have the same elements only if elements are. A
     * user who says how long an element is says that it is so in each file.
     */
    private void checkSameElements(List<KernelParameter> buffers) {
        if (!cut.elementWise() || elementBytes.isPresent()) {
            return;
        }
        KernelParameter first = buffers.getFirst();
        for (KernelParameter other : buffers) {
            if (!other.elementBytes().equals(first.elementBytes())) {
                throw UserError.failed("kernel '" + kernelName + "' cannot run over pieces ("
                        + cut.option() + "): an element of " + first + " has "
                        + Units.count(first.elementBytes().orElseThrow(), "byte") + " and one of "
                        + other + " " + other.elementBytes().orElseThrow()
                        + ", so equally long pieces of the files are not the same elements;"
                        + " give --element-bytes N if each work-item is for N bytes of every"
                        + " file");
            }
        }
    }

    private String given() {
        List<String> all = new ArrayList<>();
        whole.arguments().forEach(file -> all.add(file.toString()));
        scalars.forEach(scalar -> all.add("--arg " + scalar));
        return String.join(", ", all);
    }
}
