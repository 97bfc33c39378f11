// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.kernel;

import io.highpage.AccessMode;
import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.cli.console.FileTransfer;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Progress;
import io.highpage.cli.console.SystemMemory;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.device.DeviceInfo;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Runs a kernel over files: whole, or piece by piece where the kernel is element-wise. Confined to one thread. */
public final class KernelJob {
    private final Path source;
    private final String kernelName;
    private final List<FileArgument> files;
    private final List<ScalarArgument> scalars;
    private final long elementBytes;
    private final OptionalLong chunk;
    private final long fileBytes;

    private KernelJob(
            Path source,
            String kernelName,
            List<FileArgument> files,
            List<ScalarArgument> scalars,
            long elementBytes,
            OptionalLong chunk) {
        this.source = source;
        this.kernelName = kernelName;
        this.files = List.copyOf(files);
        this.scalars = List.copyOf(scalars);
        this.elementBytes = elementBytes;
        this.chunk = chunk;
        this.fileBytes = commonLength();
    }

    /**
     * A kernel argument that is a file.
     *
     * @param output whether the kernel makes it, else it is read
     * @param path the file
     */
    public record FileArgument(boolean output, Path path) {
        /** {@return as the user wrote it} */
        @Override
        public String toString() {
            return (output ? "--out " : "--in ") + path;
        }
    }

    /**
     * What a job did.
     *
     * @param items the number of work-items
     * @param pieces the number of launches
     * @param bytes the length of each file
     * @param kernelNanos time in the kernel
     * @param transfer how files were read and written
     */
    public record Result(long items, long pieces, long bytes, long kernelNanos, String transfer) {}

    /**
     * Prepares a job and checks all that can be checked without a device.
     *
     * @param source the file with OpenCL C
     * @param kernelName the kernel
     * @param files the first arguments, in order; at least one input
     * @param scalars the arguments after them
     * @param elementBytes bytes for each work-item
     * @param chunk the largest piece, if the kernel is element-wise
     * @return the job
     * @throws UserError if the files do not fit together
     */
    public static KernelJob of(
            Path source,
            String kernelName,
            List<FileArgument> files,
            List<ScalarArgument> scalars,
            long elementBytes,
            OptionalLong chunk) {
        if (elementBytes < 1) {
            throw UserError.usage("--element-bytes " + elementBytes + " is below 1");
        }
        if (chunk.isPresent() && (chunk.getAsLong() < 1 || chunk.getAsLong() % elementBytes != 0)) {
            throw UserError.usage(
                    "--chunk " + chunk.getAsLong() + " is not a positive multiple of --element-bytes " + elementBytes);
        }
        return new KernelJob(source, kernelName, files, scalars, elementBytes, chunk);
    }

    /**
     * Does the job.
     *
     * @param info the OpenCL device
     * @param deviceMemory a limit on device memory, if any
     * @param quiet whether to show no progress
     * @return what was done
     * @throws UserError if it cannot be done
     */
    public Result run(DeviceInfo info, OptionalLong deviceMemory, boolean quiet) {
        String text = read(source);
        try (OpenClContext context = OpenClContext.open(info);
                OpenClProgram program = OpenClProgram.compile(context, source.toString(), text, kernelName)) {
            checkArguments(program.parameters());
            Highpage.Builder builder = Highpage.builder().device(context.memory());
            deviceMemory.ifPresent(builder::deviceMemory);
            try (Highpage runtime = builder.open();
                    FileTransfer transfer = FileTransfer.open(runtime)) {
                checkRoom(info.name(), runtime.device(), deviceMemory);
                return run(runtime, transfer, program, quiet);
            }
        }
    }

    private Result run(Highpage runtime, FileTransfer transfer, OpenClProgram program, boolean quiet) {
        List<OutputFile> outputs = new ArrayList<>();
        try (Progress progress = Progress.ofBytes("running " + kernelName, fileBytes * files.size(), quiet)) {
            for (FileArgument file : files) {
                if (file.output()) {
                    outputs.add(OutputFile.create(file.path()));
                }
            }
            long kernelNanos = 0;
            for (long done = 0; done < fileBytes; done += pieceBytes()) {
                long bytes = Math.min(pieceBytes(), fileBytes - done);
                kernelNanos += new Piece(runtime, transfer, done, bytes, progress).run(program, outputs);
            }
            outputs.forEach(OutputFile::complete);
            long pieces = Math.ceilDiv(fileBytes, pieceBytes());
            return new Result(fileBytes / elementBytes, pieces, fileBytes, kernelNanos, transfer.description());
        } finally {
            outputs.forEach(OutputFile::close);
        }
    }

    /** One launch over one piece of every file. */
    private final class Piece {
        private final Highpage runtime;
        private final FileTransfer transfer;
        private final long position;
        private final long bytes;
        private final Progress progress;

        Piece(Highpage runtime, FileTransfer transfer, long position, long bytes, Progress progress) {
            this.runtime = runtime;
            this.transfer = transfer;
            this.position = position;
            this.bytes = bytes;
            this.progress = progress;
        }

        long run(OpenClProgram program, List<OutputFile> outputs) {
            List<PageBuffer> buffers = new ArrayList<>();
            try {
                for (FileArgument file : files) {
                    // New for each piece, so that outputs start as zeros however the files are cut.
                    PageBuffer buffer = runtime.allocate(bytes);
                    buffers.add(buffer);
                    if (!file.output()) {
                        load(file.path(), buffer);
                    }
                }
                long nanos = launch(program, buffers);
                store(buffers, outputs);
                return nanos;
            } finally {
                buffers.forEach(PageBuffer::close);
            }
        }

        private void load(Path path, PageBuffer buffer) {
            try {
                transfer.read(path, position, buffer, bytes, progress::add);
            } catch (IOException e) {
                throw UserError.io("cannot read --in " + path, e);
            }
        }

        private long launch(OpenClProgram program, List<PageBuffer> buffers) {
            List<Object> arguments = new ArrayList<>();
            try {
                for (int i = 0; i < buffers.size(); i++) {
                    AccessMode mode = files.get(i).output() ? AccessMode.READ_WRITE : AccessMode.READ;
                    arguments.add(buffers.get(i).access(runtime.device(), mode));
                }
                arguments.addAll(scalars);
                long start = System.nanoTime();
                program.run(bytes / elementBytes, arguments);
                return System.nanoTime() - start;
            } finally {
                for (Object argument : arguments) {
                    if (argument instanceof DeviceAccess access) {
                        access.close();
                    }
                }
            }
        }

        private void store(List<PageBuffer> buffers, List<OutputFile> outputs) {
            int output = 0;
            for (int i = 0; i < buffers.size(); i++) {
                if (files.get(i).output()) {
                    transfer.write(buffers.get(i), bytes, outputs.get(output++), progress::add);
                }
            }
        }
    }

    // ---- checks, in the order in which they are made ----

    private long commonLength() {
        FileArgument first = null;
        long length = 0;
        for (FileArgument file : files) {
            if (file.output()) {
                continue;
            }
            long bytes = length(file);
            if (first != null && bytes != length) {
                throw UserError.failed("all inputs must have one length, but " + first + " has " + length
                        + " bytes and " + file + " has " + bytes);
            }
            first = first == null ? file : first;
            length = bytes;
        }
        if (first == null || files.stream().noneMatch(FileArgument::output)) {
            throw UserError.usage("give at least one --in FILE and one --out FILE");
        }
        if (length % elementBytes != 0) {
            throw UserError.failed(
                    first + " has " + length + " bytes, which is not a multiple of --element-bytes " + elementBytes);
        }
        files.stream().filter(FileArgument::output).forEach(this::checkApart);
        return length;
    }

    private static long length(FileArgument file) {
        try {
            if (Files.exists(file.path()) && !Files.isRegularFile(file.path())) {
                throw UserError.failed("cannot read " + file + ": it is not a regular file");
            }
            try (FileChannel readable = FileChannel.open(file.path())) {
                if (readable.size() == 0) {
                    throw UserError.failed(file + " is empty: there is nothing to run the kernel over");
                }
                return readable.size();
            }
        } catch (IOException e) {
            throw UserError.io("cannot read " + file, e);
        }
    }

    // An output that is also an input would be overwritten; two outputs of one name would overwrite each other.
    private void checkApart(FileArgument output) {
        for (FileArgument other : files) {
            if (other != output && same(output.path(), other.path())) {
                throw UserError.usage(output + " and " + other + " are the same file");
            }
        }
    }

    private static boolean same(Path one, Path other) {
        try {
            return one.toAbsolutePath()
                            .normalize()
                            .equals(other.toAbsolutePath().normalize())
                    || Files.isRegularFile(one) && Files.exists(other) && Files.isSameFile(one, other);
        } catch (IOException e) {
            throw UserError.io("cannot compare " + one + " and " + other, e);
        }
    }

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
        if (parameters.size() != files.size() + scalars.size()) {
            throw UserError.failed("kernel '" + kernelName + "' takes " + Units.count(parameters.size(), "argument")
                    + " "
                    + parameters.stream().map(KernelParameter::toString).collect(Collectors.joining(", ", "(", ")"))
                    + ", but " + (files.size() + scalars.size()) + " were given: " + given());
        }
        for (int i = 0; i < parameters.size(); i++) {
            KernelParameter parameter = parameters.get(i);
            boolean fits = i < files.size()
                    ? parameter.buffer().orElse(true)
                    : scalars.get(i - files.size()).fits(parameter);
            if (!fits) {
                Object argument = i < files.size() ? files.get(i) : "--arg " + scalars.get(i - files.size());
                throw UserError.failed("argument " + (i + 1) + " of kernel '" + kernelName + "' is " + parameter
                        + ", which cannot be " + argument + "; given were: " + given());
            }
        }
    }

    private String given() {
        List<String> all = new ArrayList<>();
        files.forEach(file -> all.add(file.toString()));
        scalars.forEach(scalar -> all.add("--arg " + scalar));
        return String.join(", ", all);
    }

    private void checkRoom(String name, Device device, OptionalLong deviceMemory) {
        long page = SystemMemory.basePageBytes();
        long bytes = Math.ceilDiv(pieceBytes(), page) * page;
        Optional<String> limit = Optional.empty();
        if (bytes > device.maxBufferBytes() && device.maxBufferBytes() < device.limitBytes()) {
            limit = Optional.of("one buffer there ends at " + Units.bytes(device.maxBufferBytes())
                    + ", the driver's largest allocation");
        } else if (bytes > device.limitBytes() / files.size()) {
            limit = Optional.of(Units.count(files.size(), "buffer") + " of that length do not go into "
                    + (deviceMemory.isPresent() ? "--device-memory " : "its memory of ")
                    + Units.bytes(device.limitBytes()));
        }
        if (limit.isPresent()) {
            String what = chunk.isPresent() && chunk.getAsLong() < fileBytes
                    ? "--chunk " + Units.bytes(chunk.getAsLong())
                    : firstInput() + " with " + Units.bytes(fileBytes);
            throw UserError.failed(what + " does not fit on device " + name + ": " + limit.get() + "; "
                    + (chunk.isPresent()
                            ? "give a smaller --chunk"
                            : "--chunk SIZE feeds the files in pieces, if the"
                                    + " kernel works on each element by itself"));
        }
    }

    private FileArgument firstInput() {
        return files.stream().filter(file -> !file.output()).findFirst().orElseThrow();
    }

    private long pieceBytes() {
        return Math.min(chunk.orElse(fileBytes), fileBytes);
    }
}
