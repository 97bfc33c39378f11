// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.Device;
import io.highpage.PageRange;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Progress;
import io.highpage.cli.console.Traffic;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.pipe.KernelCall;
import io.highpage.pipe.PieceInput;
import io.highpage.pipe.Pipe;
import io.highpage.pipe.PipeResult;
import io.highpage.pipe.PipeShape;
import io.highpage.pipe.RunListener;
import io.highpage.pipe.Stages;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/** Runs an element-wise kernel piece by piece, through a pipe. */
record Pipeline(Task task) implements Way {
    /** A stage uses one while its neighbour uses the other. */
    private static final int SLOTS = 2;

    @Override
    public Result run(List<OutputFile> outputs, Progress progress) {
        JobFiles files = task.files();
        long start = System.nanoTime();
        DeviceTraffic before = task.room().device().traffic();
        PipeShape shape = new PipeShape(
                files.inputs().size(),
                outputs.size(),
                files.pieceBytes(),
                task.room().pieces(files, 2),
                (int) Math.min(SLOTS, files.pieces()));
        try (Pipe pipe =
                Pipe.open(task.runtime().budget(), task.runtime().device(), shape, "run")) {
            PipeResult done =
                    pipe.run(inputs(), call(), outputs, Stages.THREADS, new Listener(progress));
            return Result.since(start, files, done.kernelNanos(), shape.sets(), transfer(pipe))
                    .with(new Traffic(before, task.room().device().traffic()));
        } catch (IOException e) {
            throw UserError.failed(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw UserError.failed("interrupted; the outputs were not written", e);
        }
    }

    private List<PieceInput> inputs() {
        long byteSize = task.files().byteSize();
        return task.files().inputs().stream()
                .map(file -> PieceInput.of(file.readable(), 0, byteSize, file.toString()))
                .toList();
    }

    private KernelCall call() {
        List<FileArgument> arguments = task.files().arguments();
        return new KernelCall(
                task.program(),
                task.call().arguments(),
                task.files().elementBytes(),
                task.call().group(),
                IntStream.range(0, arguments.size())
                        .filter(i -> arguments.get(i).output())
                        .boxed()
                        .toList());
    }

    private static String transfer(Pipe pipe) {
        long piece = pipe.shape().pieceBytes();
        return pipe.transfer().replace(piece + " bytes", Units.bytes(piece));
    }

    private final class Listener implements RunListener {
        private final Progress progress;

        Listener(Progress progress) {
            this.progress = progress;
        }

        @Override
        public void moved(long bytes) {
            progress.add(bytes);
        }

        @Override
        public void using(PageRange range, Device device, AccessMode mode) {
            task.trace().used(range, device, mode);
        }
    }
}
