// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.internal.close.Closes;
import io.highpage.opencl.OpenClDevice;
import io.highpage.outcome.PagesBusyException;

import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Memory for pieces of some inputs and outputs, on the host and on a device, that is made once and
 * used by many runs of element-wise kernels. {@code docs/pipe.md} has the design.
 *
 * <pre>{@code
 * try (Pipe pipe = Pipe.open(hp.budget(), hp.device(), new PipeShape(1, 1, 8 << 20, 2), "scale")) {
 *     pipe.run(List.of(PieceInput.of(in, 0, Files.size(in))), call, List.of(PieceOutput.of(out)),
 *             Stages.THREADS);
 * }
 * }</pre>
 *
 * <p>The host's memory is under long-term pins. The first run of {@link Stages#THREADS} registers
 * it with io_uring rings, where there are some; else, and in runs of one thread, channels use it,
 * and {@link #transfer} says why. The device's comes when the pipe is opened and stays.
 *
 * <p>A run that fails, or whose thread is interrupted, has ended with everything of its own when it
 * throws: nothing of it uses the pipe's memory or the files any more. The pipe can then only be
 * closed. A run that fails before its first piece, since an input cannot be opened, leaves the pipe
 * as it was.
 *
 * <p>Thread-safe; one run at a time.
 */
public final class Pipe implements AutoCloseable {
    /** Whether to look for io_uring at all. */
    private static final String URING = "highpage.uring";

    private enum State {
        IDLE,
        RUNNING,
        FAILED,
        CLOSED
    }

    private final String name;
    private final Device device;
    private final Memory memory;

    /** Who runs something in it, in reports of holders. */
    private volatile String user;

    /** Guarded by this. */
    private State state = State.IDLE;

    /** Guarded by this; used by the run. */
    private @Nullable cl_command_queue queue;

    /** Guarded by this. */
    private @Nullable PieceStream stream;

    /** What all runs use. */
    record Memory(
            PipeShape shape,
            HostSlots in,
            HostSlots out,
            PieceBuffers buffers,
            List<DeviceSet> sets) {

        static Memory open(Budget budget, Device device, PipeShape shape, String name) {
            HostSlots in = HostSlots.open(budget, name + " reader", shape.inputs(), shape);
            HostSlots out = null;
            try {
                out = HostSlots.open(budget, name + " writer", shape.outputs(), shape);
                PieceBuffers buffers = PieceBuffers.open(budget, device, shape);
                List<DeviceSet> sets = new ArrayList<>();
                for (int place = 0; place < shape.sets(); place++) {
                    sets.add(new DeviceSet(buffers, place));
                }
                return new Memory(shape, in, out, buffers, List.copyOf(sets));
            } catch (Throwable failed) {
                throw Ends.after(failed, out, in);
            }
        }

        /** Goes on, if called again, where something was in the way. */
        void close() {
            Throwable failed = null;
            for (DeviceSet set : sets) {
                failed = Ends.step(failed, set);
            }
            failed = Ends.step(failed, in);
            failed = Ends.step(failed, out);
            Closes.rethrow(Ends.step(failed, buffers));
        }
    }

    private Pipe(String name, Device device, Memory memory) {
        this.name = name;
        this.user = name;
        this.device = device;
        this.memory = memory;
    }

    /**
     * Makes one: takes and pins host memory, {@link PipeShape#hostBytes}, and device memory,
     * {@link PipeShape#deviceBytes}.
     *
     * @param budget what the memory counts in
     * @param device a device of the budget's runtime
     * @param shape how much
     * @param name what messages and reports of holders call it
     * @return the pipe
     * @throws io.highpage.outcome.OutOfPageMemoryException if there is not so much memory
     * @throws io.highpage.outcome.DeviceException if the driver failed
     * @throws IllegalStateException if the budget is closed
     */
    public static Pipe open(Budget budget, Device device, PipeShape shape, String name) {
        Objects.requireNonNull(name, "name");
        return new Pipe(name, device, Memory.open(budget, device, shape, name));
    }

    /** {@return why not even to look for io_uring, as the user said by a property; else empty} */
    public static Optional<String> uringLeftOut() {
        return Boolean.parseBoolean(System.getProperty(URING, "true"))
                ? Optional.empty()
                : Optional.of("io_uring is left out by -D" + URING + "=false");
    }

    /** {@return its name} */
    public String name() {
        return name;
    }

    /** {@return how much memory it has} */
    public PipeShape shape() {
        return memory.shape;
    }

    /** {@return the device that its kernels run on} */
    public Device device() {
        return device;
    }

    /**
     * {@return how files are read and written: {@code FileChannel: }with the reason, or, since the
     * first run of {@link Stages#THREADS} and by those, {@code io_uring, ...}; of both if they
     * differ}
     */
    public synchronized String transfer() {
        String reading = memory.in.transfer();
        String writing = memory.out.transfer();
        return reading.equals(writing)
                ? reading
                : "reading by " + reading + "; writing by " + writing;
    }

    /** {@return whether it can run, now or after the run that it has} */
    public synchronized boolean isUsable() {
        return state == State.IDLE || state == State.RUNNING;
    }

    /** {@return whether a run goes on, or a stream is open} */
    public synchronized boolean isRunning() {
        return state == State.RUNNING;
    }

    // ---- runs ----

    /**
     * As {@link #run(List, KernelCall, List, Stages, RunListener)}, with nobody who is told.
     *
     * @param in an input for each that the shape has, of one length
     * @param call what to do with each piece
     * @param out an output for each that the shape has
     * @param stages which threads work
     * @return what was done
     * @throws IOException if an input cannot be read or an output cannot be written
     * @throws InterruptedException if the thread is interrupted
     */
    public PipeResult run(
            List<PieceInput> in, KernelCall call, List<? extends PieceOutput> out, Stages stages)
            throws IOException, InterruptedException {
        return run(in, call, out, stages, RunListener.NONE);
    }

    /**
     * Has a kernel run over all pieces of the inputs, and writes its outputs, which are as long as
     * the inputs. Outputs begin as zeros in each piece. Inputs of no bytes make empty outputs.
     *
     * @param in an input for each that the shape has, of one length
     * @param call what to do with each piece
     * @param out an output for each that the shape has
     * @param stages which threads work
     * @param listener is told what happens
     * @return what was done
     * @throws IOException if an input cannot be read, or ends early, or an output cannot be
     *     written; the message names it and the position
     * @throws InterruptedException if the thread is interrupted, at the latest when the piece that
     *     a kernel runs over is done
     * @throws KernelException if the kernel could not run
     * @throws io.highpage.outcome.DeviceLostException if the device is gone
     * @throws io.highpage.outcome.DeviceException if the driver failed
     * @throws IllegalArgumentException if inputs, outputs and call do not fit the pipe and each
     *     other
     * @throws IllegalStateException if a run goes on, or has failed, or this is closed
     */
    public PipeResult run(
            List<PieceInput> in,
            KernelCall call,
            List<? extends PieceOutput> out,
            Stages stages,
            RunListener listener)
            throws IOException, InterruptedException {
        return run(in, work(call), out, stages, listener);
    }

    PipeResult run(
            List<PieceInput> in,
            Work work,
            List<? extends PieceOutput> out,
            Stages stages,
            RunListener listener)
            throws IOException, InterruptedException {
        begin(in, work, out.size());
        PipeRun run = opened(in, work, out, stages, listener);
        Throwable failed = null;
        try {
            switch (stages) {
                case CALLER -> run.inCaller();
                case THREADS -> run.inThreads();
            }
        } catch (Throwable failure) {
            failed = failure;
        }
        end(run, failed);
        return run.result();
    }

    /**
     * Has a kernel run over the pieces of the inputs, and hands out its results piece by piece, for
     * whoever works on them in place: the thread that asks for the next piece does everything.
     *
     * @param in an input for each that the shape has, of one length
     * @param call what to do with each piece
     * @return the pieces; the pipe is in use until it is closed
     * @throws IOException if an input cannot be opened
     * @throws IllegalArgumentException as for {@link #run}
     * @throws IllegalStateException as for {@link #run}
     */
    public PieceStream stream(List<PieceInput> in, KernelCall call) throws IOException {
        return stream(in, work(call));
    }

    PieceStream stream(List<PieceInput> in, Work work) throws IOException {
        begin(in, work, memory.shape.outputs());
        PipeRun run = opened(in, work, List.of(), Stages.CALLER, RunListener.NONE);
        PieceStream made = new PieceStream(this, run);
        synchronized (this) {
            stream = made;
        }
        return made;
    }

    /** A kernel's call, without its bindings. */
    record Work(List<Boolean> roles, long elementBytes, KernelMaker maker) {}

    /** Makes what one run launches. */
    @FunctionalInterface
    interface KernelMaker {
        PieceKernel make();
    }

    private Work work(KernelCall call) {
        KernelProgram program = call.program();
        if (program.device() != device.memory()) {
            throw new IllegalArgumentException(program + " is for another device than " + this
                    + ", which is on " + device.name());
        }
        return new Work(
                call.roles(memory.shape),
                call.elementBytes(),
                () -> new KernelRunner.OverPieces(
                        KernelRunner.on(program, queue(program.device())), call));
    }

    private synchronized cl_command_queue queue(OpenClDevice of) {
        cl_command_queue made = queue == null ? KernelRunner.queue(of) : queue;
        queue = made;
        return made;
    }

    private void begin(List<PieceInput> in, Work work, int outputs) {
        PipeShape shape = memory.shape;
        if (in.size() != shape.inputs() || outputs != shape.outputs()) {
            throw new IllegalArgumentException(
                    in.size() + " inputs and " + outputs + " outputs do not fit " + this);
        }
        Pieces.of(in, shape, work.elementBytes); // looks at them
        synchronized (this) {
            checkUsable();
            if (state == State.RUNNING) {
                throw new IllegalStateException(this + " has a run that goes on");
            }
            state = State.RUNNING;
        }
    }

    private void checkUsable() {
        if (state == State.FAILED) {
            throw new IllegalStateException(
                    "a run of " + this + " has failed: close it, and open another");
        }
        if (state == State.CLOSED) {
            throw new IllegalStateException(this + " is closed");
        }
    }

    private PipeRun opened(
            List<PieceInput> in,
            Work work,
            List<? extends PieceOutput> out,
            Stages stages,
            RunListener listener)
            throws IOException {
        PipeRun run = null;
        try {
            Pieces pieces = Pieces.of(in, memory.shape, work.elementBytes);
            run = new PipeRun(memory, pieces, work.maker.make(), listener);
            memory.sets.forEach(set -> set.begin(work.roles, user));
            run.open(in, out, stages);
            return run;
        } catch (Throwable failed) {
            Throwable first = run == null ? failed : run.closeFiles(failed);
            set(State.IDLE);
            Closes.rethrow(first);
            throw new AssertionError(failed); // it was thrown
        }
    }

    private synchronized void set(State next) {
        state = next;
        stream = null;
    }

    /** Ends a run, and throws what it has failed with. */
    void end(PipeRun run, @Nullable Throwable failed) throws IOException, InterruptedException {
        boolean interrupted = Thread.interrupted(); // what comes now has to come to its end
        Throwable first = run.end(failed);
        set(first == null ? State.IDLE : State.FAILED);
        if (interrupted && isInterrupt(first)) {
            throw interrupted(first);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (first instanceof UncheckedIOException io) {
            throw io.getCause();
        }
        Closes.rethrow(first);
    }

    /** {@return whether it is how something ends that is interrupted} */
    private static boolean isInterrupt(@Nullable Throwable failed) {
        return failed instanceof InterruptedException
                || failed instanceof PagesBusyException
                || failed instanceof IOException io
                        && (isInterrupt(io.getCause())
                                || io instanceof ClosedByInterruptException
                                || io instanceof InterruptedIOException);
    }

    private static InterruptedException interrupted(@Nullable Throwable failed) {
        if (failed instanceof InterruptedException already) {
            return already;
        }
        InterruptedException made = new InterruptedException("interrupted in a piece");
        made.initCause(failed);
        return made;
    }

    /** Says who uses it from now on. */
    void usedBy(String who) {
        user = who;
    }

    /** Ends a stream that is open, if one is. */
    void endStream() {
        PieceStream open;
        synchronized (this) {
            open = stream;
        }
        if (open != null) {
            open.close();
        }
    }

    /**
     * Gives all memory back. If it is not known whether a kernel has ended, or an operation, the
     * memory that it uses stays, the close throws, and can be called again. A second call does
     * nothing.
     *
     * @throws IllegalStateException if a run goes on, or a stream is open
     * @throws io.highpage.outcome.DeviceWaitException if a wait for a kernel failed
     * @throws UncheckedIOException if the system refuses to end a ring
     */
    @Override
    public synchronized void close() {
        if (state == State.CLOSED) {
            return;
        }
        if (state == State.RUNNING) {
            throw new IllegalStateException(this + " has a run that goes on: end that first");
        }
        state = State.FAILED; // whatever is in the way
        memory.close();
        if (queue != null) {
            CL.clReleaseCommandQueue(queue);
        }
        state = State.CLOSED;
    }

    /** {@return its name and shape} */
    @Override
    public String toString() {
        return "pipe '" + name + "' (" + memory.shape + ")";
    }
}
