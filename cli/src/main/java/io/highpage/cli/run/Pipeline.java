// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.cli.console.CloseAll;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Progress;
import io.highpage.cli.console.Traffic;
import io.highpage.outcome.DeviceTraffic;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs an element-wise kernel piece by piece: one thread reads, this one brings pieces to the
 * device and has kernels run, one fetches results, one writes, all at the same time.
 * {@code docs/pipeline.md} has the design.
 */
record Pipeline(Task task) implements Way {
    /** A stage uses one while its neighbour uses the other. */
    private static final int SLOTS = 2;

    @Override
    public Result run(List<OutputFile> outputs, Progress progress) {
        JobFiles files = task.files();
        long start = System.nanoTime();
        DeviceTraffic before = task.room().device().traffic();
        int slots = (int) Math.min(SLOTS, files.pieces());
        int setCount = task.room().pieces(files, 2);
        try (IoSlots in = IoSlots.open(
                        task.runtime(),
                        "reader",
                        files.inputs().size(),
                        slots,
                        files.pieceBytes());
                IoSlots out = IoSlots.open(
                        task.runtime(), "writer", outputs.size(), slots, files.pieceBytes());
                PieceBuffers buffers = PieceBuffers.allocate(task.runtime(), files, setCount)) {
            buffers.prefetch();
            List<DeviceSet> sets = new ArrayList<>();
            for (int place = 0; place < setCount; place++) {
                sets.add(new DeviceSet(buffers, place, task.trace()));
            }
            Run run = new Run(in, out, slots, sets, progress);
            try {
                run.run(outputs);
            } finally {
                CloseAll.inOrder(sets);
            }
            return Result.since(start, files, run.kernelNanos, setCount, description(in, out))
                    .with(new Traffic(before, task.room().device().traffic()));
        }
    }

    private static String description(IoSlots in, IoSlots out) {
        return in.description().equals(out.description())
                ? in.description()
                : "reading by " + in.description() + "; writing by " + out.description();
    }

    /** One run over all pieces. */
    private final class Run {
        private final IoSlots in;
        private final IoSlots out;
        private final List<DeviceSet> sets;
        private final Progress progress;

        // Slots go round: free, filled by the reader, free; free, filled by the device, free.
        private final Belt inFree;
        private final Belt inFull = new Belt();
        private final Belt outFree;
        private final Belt outFull = new Belt();

        // Sets too: free, with a kernel that runs, free.
        private final Belt setFree;
        private final Belt setRunning = new Belt();

        private long kernelNanos; // of the thread that fetches

        Run(IoSlots in, IoSlots out, int slots, List<DeviceSet> sets, Progress progress) {
            this.in = in;
            this.out = out;
            this.sets = sets;
            this.progress = progress;
            this.inFree = Belt.of(slots);
            this.outFree = Belt.of(slots);
            this.setFree = Belt.of(sets.size());
        }

        void run(List<OutputFile> outputs) {
            List<IoSlots.Piece> readers = new ArrayList<>();
            task.files().inputs().forEach(input -> readers.add(in.reader(input, readers.size())));
            List<IoSlots.Piece> writers = new ArrayList<>();
            outputs.forEach(output -> writers.add(out.writer(output, writers.size())));
            Stages.run(
                    List.of(inFree, inFull, outFree, outFull, setFree, setRunning),
                    this::compute,
                    Map.of(
                            "reader", () -> move(readers, inFree, inFull),
                            "fetcher", this::fetch,
                            "writer", () -> move(writers, outFull, outFree)));
        }

        private void move(List<IoSlots.Piece> movers, Belt from, Belt to)
                throws InterruptedException {
            for (long piece = 0; piece < task.files().pieces(); piece++) {
                int slot = from.take();
                for (IoSlots.Piece mover : movers) {
                    mover.move(task.files().position(piece), slot, task.files().bytes(piece));
                }
                to.put(slot);
            }
        }

        /** Brings pieces and has kernels run over them. */
        private void compute() throws InterruptedException {
            for (long piece = 0; piece < task.files().pieces(); piece++) {
                int place = setFree.take();
                DeviceSet set = sets.get(place);
                int slot = inFull.take();
                set.load(in, slot, piece);
                inFree.put(slot);
                progress.add(set.bytes() * task.files().inputs().size());
                set.launch(task.program(), task.call());
                setRunning.put(place);
            }
        }

        /** Fetches results, while kernels run and the next pieces come. */
        private void fetch() throws InterruptedException {
            for (long piece = 0; piece < task.files().pieces(); piece++) {
                int place = setRunning.take();
                DeviceSet set = sets.get(place);
                kernelNanos += set.await();
                int slot = outFree.take();
                set.store(out, slot);
                outFull.put(slot);
                progress.add(set.bytes() * task.files().outputs().size());
                setFree.put(place);
            }
        }
    }
}
