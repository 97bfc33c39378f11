// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.Highpage;
import io.highpage.cli.console.AccessTrace;
import io.highpage.cli.console.CloseAll;
import io.highpage.cli.console.FileLength;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Progress;
import io.highpage.cli.console.SameFile;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.cli.kernel.KernelErrors;
import io.highpage.cli.kernel.ScalarArgument;
import io.highpage.device.DeviceInfo;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.pipe.KernelException;
import io.highpage.pipe.KernelParameter;
import io.highpage.pipe.KernelProgram;
import io.highpage.pipe.KernelSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Runs a kernel over files: whole, or piece by piece where the kernel is element-wise. Confined to
 * one thread.
 */
public final class KernelJob {
    /**
     * What to run.
     *
     * @param file has the source
     * @param source OpenCL C
     * @param kernelName the kernel
     * @param scalars its arguments after the files
     * @param group how many work-items work together; as the driver likes if it is not said
     */
    public record Call(
            Path file,
            KernelSource source,
            String kernelName,
            List<ScalarArgument> scalars,
            OptionalLong group) {

        /** {@return the scalars as a kernel is given them} */
        List<Object> arguments() {
            return scalars.stream().map(ScalarArgument::asArgument).toList();
        }
    }

    private final Call call;
    private final JobFiles whole;
    private final OptionalLong elementBytes;
    private final Cut cut;

    private KernelJob(Call call, JobFiles whole, OptionalLong elementBytes, Cut cut) {
        this.call = call;
        this.whole = whole;
        this.elementBytes = elementBytes;
        this.cut = cut;
    }

    /**
     * Prepares a job and checks all that can be checked without a device.
     *
     * @param call what to run
     * @param files the first arguments, in order; at least one input
     * @param elementBytes bytes for each work-item, if not those that the kernel's own types have
     * @param cut whether and how the files may be cut
     * @return the job
     * @throws UserError if the files do not fit together
     */
    public static KernelJob of(
            Call call, List<FileArgument> files, OptionalLong elementBytes, Cut cut) {
        JobFiles whole = JobFiles.of(files);
        for (FileArgument output : whole.outputs()) {
            if (SameFile.is(output.path(), call.file())) {
                throw UserError.usage(output + " is KERNEL.cl " + call.file() + " itself");
            }
            if (output.count().isPresent() && cut.elementWise()) {
                throw UserError.usage(output + " has a length of its own, so the kernel does not"
                        + " work on each element by itself (" + cut.option() + ")");
            }
        }
        if (elementBytes.isPresent()) {
            // Said before a device is opened.
            JobFiles ignored = whole.cut(elementBytes.getAsLong(), cut.chunk());
        }
        return new KernelJob(call, whole, elementBytes, cut);
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
        return with(info, deviceMemory, trace, (program, way, files) -> {
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
        return with(info, deviceMemory, AccessTrace.NONE, (program, way, files) -> {
            Way plain = new PlainWay(program, files, call);
            return new Comparer(files, way, plain, quiet).compare();
        });
    }

    private interface Work<T> {
        T run(KernelProgram program, Way way, JobFiles files);
    }

    private <T> T with(
            DeviceInfo info, OptionalLong deviceMemory, AccessTrace trace, Work<T> work) {
        try (OpenClDevice device = Jocl.open(info);
                KernelProgram program =
                        KernelProgram.compile(device, call.source(), call.kernelName())) {
            checkArguments(program.parameters());
            JobFiles files = whole.cut(elementBytes(program.parameters()), cut.chunk())
                    .with(ownLengths(program.parameters()));
            checkGroup(files);
            Highpage.Builder builder = Highpage.builder().device(device);
            deviceMemory.ifPresent(builder::deviceMemory);
            try (Highpage runtime = builder.open()) {
                Room room = new Room(runtime.device(), deviceMemory.isPresent());
                if (cut.chunk().isPresent()) {
                    room.check(files, cut);
                    Way way = new Pipeline(task(runtime, program, files, room, trace));
                    return work.run(program, way, files);
                }
                JobFiles pieces = cut.elementWise() ? room.inSpans(files) : files;
                room.check(pieces, cut);
                Way way = new WholeFiles(task(runtime, program, pieces, room, trace));
                return work.run(program, way, pieces);
            }
        } catch (KernelException e) {
            throw KernelErrors.of(e);
        }
    }

    private Task task(
            Highpage runtime, KernelProgram program, JobFiles files, Room room, AccessTrace trace) {
        return new Task(runtime, program, files, call, room, trace);
    }

    private Result runAndComplete(Way way, JobFiles files, boolean quiet) {
        List<OutputFile> outputs = files.createOutputs(path -> path);
        try (Progress progress =
                Progress.ofBytes("running " + call.kernelName(), files.totalBytes(), quiet)) {
            Result result = way.run(outputs, progress);
            OutputFile.complete(outputs);
            return result;
        } finally {
            CloseAll.inOrder(outputs);
        }
    }

    // ---- checks ----

    private void checkArguments(List<KernelParameter> parameters) {
        for (int i = 0; i < parameters.size(); i++) {
            Optional<String> why = parameters.get(i).impossible();
            if (why.isPresent()) {
                throw UserError.failed("argument " + (i + 1) + " of kernel '" + call.kernelName()
                        + "' is " + parameters.get(i) + ", " + why.get());
            }
        }
        if (parameters.size() != whole.count() + call.scalars().size()) {
            throw UserError.failed("kernel '" + call.kernelName() + "' takes "
                    + Units.count(parameters.size(), "argument")
                    + " "
                    + parameters.stream()
                            .map(KernelParameter::toString)
                            .collect(Collectors.joining(", ", "(", ")"))
                    + ", but " + (whole.count() + call.scalars().size()) + " were given: "
                    + given());
        }
        checkKinds(parameters);
    }

    private void checkKinds(List<KernelParameter> parameters) {
        for (int i = 0; i < parameters.size(); i++) {
            KernelParameter parameter = parameters.get(i);
            boolean fits = i < whole.count()
                    ? parameter.buffer().orElse(true)
                    : call.scalars().get(i - whole.count()).fits(parameter);
            if (!fits) {
                Object argument = i < whole.count()
                        ? whole.arguments().get(i)
                        : "--arg " + call.scalars().get(i - whole.count());
                throw UserError.failed("argument " + (i + 1) + " of kernel '" + call.kernelName()
                        + "' is " + parameter + ", which cannot be " + argument
                        + "; given were: " + given());
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
        List<KernelParameter> buffers = ofOneLength(parameters);
        for (KernelParameter buffer : buffers) {
            if (elementBytes.isEmpty() && buffer.elementBytes().isEmpty()) {
                throw UserError.failed("the size of an element of kernel '" + call.kernelName()
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
                            + call.kernelName()
                            + "': it would run beyond the end of its buffers");
        }
        return elementBytes.orElse(needed);
    }

    /** {@return those of files that are not counted} */
    private List<KernelParameter> ofOneLength(List<KernelParameter> parameters) {
        return IntStream.range(0, whole.count())
                .filter(file -> whole.arguments().get(file).count().isEmpty())
                .mapToObj(parameters::get)
                .toList();
    }

    /** {@return for each file that is counted, its length in bytes} */
    private List<OptionalLong> ownLengths(List<KernelParameter> parameters) {
        List<OptionalLong> lengths = new ArrayList<>();
        for (int i = 0; i < whole.count(); i++) {
            FileArgument file = whole.arguments().get(i);
            KernelParameter buffer = parameters.get(i);
            if (file.count().isEmpty()) {
                lengths.add(OptionalLong.empty());
                continue;
            }
            OptionalLong element =
                    buffer.elementBytes().isPresent() ? buffer.elementBytes() : elementBytes;
            if (element.isEmpty()) {
                throw UserError.failed(file + " has " + file.count().getAsLong() + " elements of "
                        + buffer + ", whose size is not known: give --element-bytes N");
            }
            lengths.add(OptionalLong.of(
                    FileLength.checked(file, file.count().getAsLong(), element.getAsLong())));
        }
        return lengths;
    }

    /** What drivers tell by a number only, or, some of them, not at all. */
    private void checkGroup(JobFiles files) {
        if (call.group().isPresent()
                && files.items(files.byteSize()) % call.group().getAsLong() != 0) {
            throw UserError.failed(files.items(files.byteSize()) + " work-items, one for each "
                    + Units.count(files.elementBytes(), "byte") + " of " + files.firstInput()
                    + ", cannot work in groups of " + call.group().getAsLong() + " (--group)");
        }
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
                throw UserError.failed("kernel '" + call.kernelName() + "' cannot run over pieces ("
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
        call.scalars().forEach(scalar -> all.add("--arg " + scalar));
        return String.join(", ", all);
    }
}
