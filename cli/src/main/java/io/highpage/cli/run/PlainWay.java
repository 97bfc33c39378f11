// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.cli.console.CloseAll;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Progress;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.cli.kernel.PlainBuffer;
import io.highpage.internal.pipe.FileBytes;
import io.highpage.pipe.KernelProgram;
import io.highpage.pipe.KernelRunner;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * What a program does without Highpage: for each piece {@code FileChannel.read} into a direct
 * buffer, {@code clEnqueueWriteBuffer}, the kernel, {@code clEnqueueReadBuffer},
 * {@code FileChannel.write}, one after the other.
 */
final class PlainWay implements Way {
    private final KernelProgram program;
    private final JobFiles files;
    private final KernelJob.Call call;

    PlainWay(KernelProgram program, JobFiles files, KernelJob.Call call) {
        this.program = program;
        this.files = files;
        this.call = call;
        if (files.pieceBytes() > PlainBuffer.LARGEST) {
            throw UserError.failed("--compare: a piece of " + Units.bytes(files.pieceBytes())
                    + " is larger than a ByteBuffer can be; give a smaller --chunk");
        }
    }

    @Override
    public Result run(List<OutputFile> outputs, Progress progress) {
        long start = System.nanoTime();
        List<FileChannel> inputs = new ArrayList<>();
        List<PlainBuffer> buffers = new ArrayList<>();
        try (KernelRunner kernel = KernelRunner.open(program)) {
            for (FileArgument input : files.inputs()) {
                inputs.add(open(input));
            }
            for (int i = 0; i < files.count(); i++) {
                buffers.add(PlainBuffer.allocate(kernel, files.pieceBytes()));
            }
            long kernelNanos = 0;
            for (long piece = 0; piece < files.pieces(); piece++) {
                kernelNanos += run(kernel, piece, inputs, buffers, outputs, progress);
            }
            return Result.since(start, files, kernelNanos, 1, "FileChannel");
        } finally {
            List<AutoCloseable> all = new ArrayList<>(buffers);
            all.addAll(inputs);
            CloseAll.inOrder(all);
        }
    }

    private static FileChannel open(FileArgument input) {
        try {
            return FileChannel.open(input.readable());
        } catch (IOException e) {
            throw UserError.io("cannot read " + input, e);
        }
    }

    private long run(
            KernelRunner kernel,
            long piece,
            List<FileChannel> inputs,
            List<PlainBuffer> buffers,
            List<OutputFile> outputs,
            Progress progress) {
        long bytes = files.bytes(piece);
        int input = 0;
        for (int i = 0; i < buffers.size(); i++) {
            if (files.arguments().get(i).output()) {
                buffers.get(i).zero(bytes); // as the other ways promise
            } else {
                read(
                        files.arguments().get(i),
                        inputs.get(input++),
                        piece,
                        buffers.get(i),
                        progress);
                buffers.get(i).toDevice(bytes);
            }
        }
        long nanos = run(kernel, bytes, buffers);
        int output = 0;
        for (int i = 0; i < buffers.size(); i++) {
            if (files.arguments().get(i).output()) {
                buffers.get(i).toHost(bytes);
                outputs.get(output++)
                        .append(buffers.get(i).host().asSlice(0, bytes), progress::add);
            }
        }
        return nanos;
    }

    /** {@return the time in the kernel, in nanoseconds} */
    private long run(KernelRunner kernel, long bytes, List<PlainBuffer> buffers) {
        List<Object> arguments = new ArrayList<>();
        buffers.forEach(buffer -> arguments.add(buffer.memory()));
        arguments.addAll(call.arguments());
        try (KernelRunner.Launch launch =
                kernel.launch(files.items(bytes), call.group(), arguments)) {
            return launch.await();
        }
    }

    private void read(
            FileArgument input,
            FileChannel channel,
            long piece,
            PlainBuffer buffer,
            Progress progress) {
        try {
            FileBytes.read(
                    channel,
                    files.position(piece),
                    buffer.host().asSlice(0, files.bytes(piece)),
                    progress::add);
        } catch (IOException e) {
            throw UserError.io("cannot read " + input, e);
        }
    }
}
