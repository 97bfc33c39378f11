// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.PageRange;
import io.highpage.cli.console.CloseAll;
import io.highpage.cli.console.FileTransfer;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Progress;
import io.highpage.cli.console.Traffic;
import io.highpage.cli.console.UserError;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.pipe.KernelRunner;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Reads whole files into memory, runs the kernel, and writes whole files. The device has room for
 * all of them, or, where the kernel is element-wise, for some spans at a time. Confined to one
 * thread.
 */
record WholeFiles(Task task) implements Way {
    @Override
    public Result run(List<OutputFile> outputs, Progress progress) {
        JobFiles files = task.files();
        long start = System.nanoTime();
        DeviceTraffic before = task.room().device().traffic();
        int atOnce = task.room().pieces(files, 2);
        try (FileTransfer transfer = FileTransfer.open(task.runtime());
                PieceBuffers buffers = PieceBuffers.allocate(task.runtime(), files)) {
            if (files.pieces() == 1) {
                buffers.prefetch();
            }
            for (int i = 0; i < files.count(); i++) {
                if (!files.arguments().get(i).output()) {
                    load(transfer, i, buffers, progress);
                }
            }
            long kernelNanos = compute(buffers, atOnce);
            int output = 0;
            for (int i = 0; i < files.count(); i++) {
                if (files.arguments().get(i).output()) {
                    OutputFile target = outputs.get(output++);
                    for (long piece = 0; piece < files.pieces(); piece++) {
                        transfer.write(range(buffers, i, piece), target, progress::add);
                    }
                }
            }
            return Result.since(start, files, kernelNanos, atOnce, transfer.description())
                    .with(new Traffic(before, task.room().device().traffic()));
        }
    }

    private void load(FileTransfer transfer, int file, PieceBuffers buffers, Progress progress) {
        FileArgument argument = task.files().arguments().get(file);
        try {
            for (long piece = 0; piece < task.files().pieces(); piece++) {
                transfer.read(
                        argument.readable(),
                        task.files().position(piece),
                        range(buffers, file, piece),
                        progress::add);
            }
        } catch (IOException e) {
            throw UserError.io("cannot read " + argument, e);
        }
    }

    /** {@return the time in the kernel, in nanoseconds} While one runs, the next piece comes. */
    private long compute(PieceBuffers buffers, int atOnce) {
        long kernelNanos = 0;
        Deque<DeviceSet> running = new ArrayDeque<>();
        KernelRunner kernel = KernelRunner.open(task.program());
        try {
            for (long piece = 0; piece < task.files().pieces(); piece++) {
                if (running.size() == atOnce) {
                    kernelNanos += running.remove().await();
                }
                DeviceSet set = new DeviceSet(buffers, piece);
                running.add(set);
                set.launch(kernel, task);
            }
            while (!running.isEmpty()) {
                kernelNanos += running.remove().await();
            }
            return kernelNanos;
        } finally {
            List<AutoCloseable> all = new ArrayList<>(running);
            all.add(kernel);
            CloseAll.inOrder(all);
        }
    }

    private PageRange range(PieceBuffers buffers, int file, long piece) {
        return buffers.range(file, piece, task.files().bytes(file, piece));
    }
}
