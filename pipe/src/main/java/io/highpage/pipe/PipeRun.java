// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One pass over pieces, in the memory of a pipe. Used by one thread, but for its stages. */
final class PipeRun {
    private final HostSlots in;
    private final HostSlots out;
    private final List<DeviceSet> sets;
    private final PipeShape shape;
    private final Pieces pieces;
    private final PieceKernel kernel;
    private final RunListener listener;
    private final List<HostSlots.Mover> readers = new ArrayList<>();
    private final List<HostSlots.Mover> writers = new ArrayList<>();

    // Of the form that is driven step by step.
    private long started;
    private long finished;

    private long kernelNanos; // of the thread that fetches

    PipeRun(Pipe.Memory memory, Pieces pieces, PieceKernel kernel, RunListener listener) {
        this.in = memory.in();
        this.out = memory.out();
        this.sets = memory.sets();
        this.shape = memory.shape();
        this.pieces = pieces;
        this.kernel = kernel;
        this.listener = listener;
    }

    /**
     * Opens them; {@link #end} closes them, also if this fails. A thread that does everything
     * itself waits for each piece, and a channel is the shorter way for that.
     */
    void open(List<PieceInput> inputs, List<? extends PieceOutput> outputs, Stages stages)
            throws IOException {
        boolean byRing = stages == Stages.THREADS;
        if (byRing) {
            in.register();
            out.register();
        }
        for (PieceInput input : inputs) {
            readers.add(in.reader(input, readers.size(), byRing));
        }
        for (PieceOutput output : outputs) {
            writers.add(out.writer(output, writers.size(), byRing));
        }
    }

    PipeResult result() {
        return new PipeResult(pieces.count(), pieces.byteSize(), kernelNanos);
    }

    // ---- in one thread ----

    /** Does all of it. */
    void inCaller() throws IOException, InterruptedException {
        while (next()) {
            move(writers, slot(), finished - 1);
        }
    }

    /**
     * Fetches the results of the next piece; those after it are on the device by then, as far as
     * there are sets. {@return whether there was one}
     */
    boolean next() throws IOException, InterruptedException {
        if (finished == pieces.count()) {
            return false;
        }
        while (started < pieces.count() && started < finished + shape.sets()) {
            checkInterrupt();
            int slot = (int) (started % shape.slots());
            move(readers, slot, started);
            bring(set(started), slot, started);
            started++;
        }
        checkInterrupt();
        DeviceSet set = set(finished);
        kernelNanos += set.await();
        finished++;
        set.store(out, slot(), shape.outputs());
        listener.moved(set.bytes() * shape.outputs());
        return true;
    }

    private DeviceSet set(long piece) {
        return sets.get((int) (piece % shape.sets()));
    }

    /** {@return where the results are that were fetched last} */
    private int slot() {
        return (int) ((finished - 1) % shape.slots());
    }

    /** {@return the results that were fetched last} */
    MemorySegment output(int output) {
        return out.segment(slot(), output, bytes());
    }

    /** {@return the length of those} */
    long bytes() {
        return pieces.bytes(finished - 1);
    }

    /** {@return where they are in the outputs} */
    long position() {
        return pieces.position(finished - 1);
    }

    private static void checkInterrupt() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted between two pieces");
        }
    }

    // ---- steps ----

    private void move(List<HostSlots.Mover> movers, int slot, long piece) throws IOException {
        for (HostSlots.Mover mover : movers) {
            mover.move(pieces.position(piece), slot, pieces.bytes(piece));
        }
    }

    private void bring(DeviceSet set, int slot, long piece) {
        set.load(in, slot, pieces.bytes(piece));
        listener.moved(set.bytes() * shape.inputs());
        set.launch(kernel, listener);
    }

    // ---- in several threads ----

    /** Does all of it, each stage in a thread. */
    void inThreads() throws IOException, InterruptedException {
        Belts belts = new Belts(shape);
        StageThreads.run(
                belts.all(),
                () -> compute(belts),
                Map.of(
                        "reader", () -> move(readers, belts.inFree, belts.inFull),
                        "fetcher", () -> fetch(belts),
                        "writer", () -> move(writers, belts.outFull, belts.outFree)));
    }

    /**
     * Slots go round: free, filled by the reader, free; free, filled by the device, free. Sets too:
     * free, with a kernel that runs, free.
     */
    private record Belts(
            Belt inFree, Belt inFull, Belt outFree, Belt outFull, Belt setFree, Belt setRunning) {
        Belts(PipeShape shape) {
            this(
                    Belt.of(shape.slots()),
                    new Belt(),
                    Belt.of(shape.slots()),
                    new Belt(),
                    Belt.of(shape.sets()),
                    new Belt());
        }

        List<Belt> all() {
            return List.of(inFree, inFull, outFree, outFull, setFree, setRunning);
        }
    }

    private void move(List<HostSlots.Mover> movers, Belt from, Belt to)
            throws IOException, InterruptedException {
        for (long piece = 0; piece < pieces.count(); piece++) {
            int slot = from.take();
            move(movers, slot, piece);
            to.put(slot);
        }
    }

    /** Brings pieces and has kernels run over them. */
    private void compute(Belts belts) throws InterruptedException {
        for (long piece = 0; piece < pieces.count(); piece++) {
            int place = belts.setFree.take();
            int slot = belts.inFull.take();
            DeviceSet set = sets.get(place);
            set.load(in, slot, pieces.bytes(piece));
            belts.inFree.put(slot);
            listener.moved(set.bytes() * shape.inputs());
            set.launch(kernel, listener);
            belts.setRunning.put(place);
        }
    }

    /** Fetches results, while kernels run and the next pieces come. */
    private void fetch(Belts belts) throws InterruptedException {
        for (long piece = 0; piece < pieces.count(); piece++) {
            int place = belts.setRunning.take();
            DeviceSet set = sets.get(place);
            kernelNanos += set.await();
            int slot = belts.outFree.take();
            set.store(out, slot, shape.outputs());
            belts.outFull.put(slot);
            listener.moved(set.bytes() * shape.outputs());
            belts.setFree.put(place);
        }
    }

    // ---- the end ----

    /**
     * Lets everything of this run go. When it returns, nothing of it uses the pipe's memory.
     *
     * @param failed how it has failed, or null
     * @return the first failure, or null
     */
    @Nullable
    Throwable end(@Nullable Throwable failed) {
        Throwable first = failed;
        for (DeviceSet set : sets) {
            first = Ends.step(first, set); // waits for its kernel
        }
        first = closeFiles(first);
        if (first != null) { // a stage may have given an operation up
            first = Ends.step(first, in::quiesce);
            first = Ends.step(first, out::quiesce);
        }
        return first;
    }

    /** Closes what it opened. {@return the first failure, or null} */
    @Nullable
    Throwable closeFiles(@Nullable Throwable failed) {
        Throwable first = failed;
        for (HostSlots.Mover mover : readers) {
            first = Ends.step(first, mover);
        }
        for (HostSlots.Mover mover : writers) {
            first = Ends.step(first, mover);
        }
        return Ends.step(first, kernel);
    }
}
