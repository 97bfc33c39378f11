// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_USE_HOST_PTR;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_RESOURCES;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SUCCESS;

import io.highpage.internal.close.Closes;
import io.highpage.internal.log.Log;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.DeviceWaitException;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.OutOfPageMemoryException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What a device has of the driver: a context, the queue of the program's kernels, and queues of its
 * own for copies, which nothing but copies is ever in front of. The device, each extent and each
 * event that is waited for use it; the last one that goes gives the references back, so that
 * nothing is released under anybody. Knows whether the device is lost. Thread-safe.
 */
public final class ClContext {
    /**
     * For how long a close asks again whether the program's work has ended, when the driver fails
     * to say. It can be repeated.
     */
    private static final Duration PATIENCE_OF_CLOSE = Duration.ofSeconds(1);

    /** So often the driver fails to finish an empty queue before that counts as lost. */
    private static final int PROBES = 8;

    /** How a loss was noticed, where there is no memory for words. */
    private static final String UNTOLD =
            "a command may still run, and there was no memory left to say which";

    private final String name;
    private final DeviceLostException untold; // made before it is needed
    private final Cl cl;
    private final Handles handles;
    private final ClReferences references;
    private final long notices; // what the driver calls this context when it tells of faults, or 0
    private final NavigableMap<Long, Long> shared = new ConcurrentSkipListMap<>(); // and its bytes
    private final UseCount uses = new UseCount();
    private final Once ownUse = new Once(uses::leave);
    private Copying copying = DirectCopying.STRAIGHT; // set before the first extent
    private volatile @Nullable String loss; // how it was noticed that the device is lost
    private volatile boolean abandoned;

    /** Whether the program has the queue, and may have begun work there. For good. */
    private volatile boolean isQueueKnown;

    /**
     * What the driver knows it by.
     *
     * @param context the context
     * @param queue of the program's kernels
     * @param copies for copies alone
     */
    private record Handles(MemorySegment context, MemorySegment queue, CopyQueues copies) {}

    private ClContext(String name, Cl cl, Handles handles, ClReferences references, long notices) {
        this.name = name;
        this.untold = lost(UNTOLD, true);
        this.cl = cl;
        this.handles = handles;
        this.references = references;
        this.notices = notices;
    }

    /** Uses a context and a queue of the program's. */
    public static ClContext of(
            String name, Cl cl, MemorySegment context, MemorySegment device, MemorySegment queue) {
        ClReferences references = new ClReferences();
        try {
            references.retain(context, cl::retainContext, cl::releaseContext);
            references.retain(device, cl::retainDevice, cl::releaseDevice);
            references.retain(queue, cl::retainQueue, cl::releaseQueue);
            CopyQueues copies = CopyQueues.make(references, cl, context, device);
            Handles handles = new Handles(context, queue, copies);
            ClContext made = new ClContext(name, cl, handles, references, 0);
            made.isQueueKnown = true;
            return made;
        } catch (Throwable failure) {
            throw undo(references, failure);
        }
    }

    /** Makes a context and a queue. */
    public static ClContext open(String name, Cl cl, ClDeviceFacts facts) {
        ClReferences references = new ClReferences();
        long notices = ClNotices.begin();
        try {
            MemorySegment context = references.make(
                    () -> cl.createContext(
                            facts.platform(), facts.device(), ClNotices.function(), notices),
                    cl::releaseContext);
            MemorySegment queue = references.make(
                    () -> cl.createQueue(context, facts.device()), cl::releaseQueue);
            CopyQueues copies = CopyQueues.make(references, cl, context, facts.device());
            Handles handles = new Handles(context, queue, copies);
            return new ClContext(name, cl, handles, references, notices);
        } catch (Throwable failure) {
            throw undo(references, failure);
        }
    }

    private static RuntimeException undo(ClReferences references, Throwable failure) {
        Closes.rethrow(Closes.step(failure, references::close));
        throw new AssertionError("there was a failure", failure);
    }

    public Cl cl() {
        return cl;
    }

    public MemorySegment context() {
        return handles.context();
    }

    /** {@return the queue of the program's kernels, which has it from now on} */
    public MemorySegment queue() {
        isQueueKnown = true;
        return handles.queue();
    }

    CopyQueues copies() {
        return handles.copies();
    }

    /**
     * Sets how private memory is copied, if not straight: before anything is allocated or another
     * thread sees the context.
     */
    public void copyBy(CopyPlan plan) {
        copying = plan.copying(this);
    }

    Copying copying() {
        return copying;
    }

    // Who uses it

    /**
     * Uses the context.
     *
     * @return ends that; {@link #releaseIfUnused} has to follow
     * @throws IllegalStateException if the device is closed
     */
    Once use() {
        Once leave = new Once(uses::leave);
        if (!uses.enter()) {
            throw closed();
        }
        return leave;
    }

    private IllegalStateException closed() {
        return new IllegalStateException("device " + name + " is closed");
    }

    /**
     * Gives the references back if nobody uses the context any more. A call after one that failed
     * goes on there.
     */
    void releaseIfUnused() {
        if (uses.isOver()) {
            if (!abandoned) {
                Throwable failed = Closes.step(null, copying::close);
                if (failed instanceof Error early) {
                    throw early; // the queues stay for the next close, which goes on there
                }
                Closes.rethrow(Closes.step(failed, references::close));
            }
        }
    }

    /**
     * Ends the device's own use. A second call does nothing, or goes on where the first one failed.
     */
    public void close() {
        ownUse.run();
        releaseIfUnused();
    }

    // Memory

    /** {@return the address of shared virtual memory} */
    MemorySegment svmAlloc(long flags, long bytes) {
        requireThere();
        MemorySegment memory = cl.svmAlloc(
                context(),
                flags,
                bytes,
                code -> failure("clSVMAlloc", code, ": size=" + bytes, bytes));
        try {
            shared.put(memory.address(), bytes);
            return memory;
        } catch (Throwable noRoom) {
            Closes.rethrow(Closes.step(noRoom, () -> cl.svmFree(context(), memory)));
            throw noRoom;
        }
    }

    void svmFree(MemorySegment address) {
        shared.remove(address.address());
        if (!abandoned) {
            cl.svmFree(context(), address);
        }
    }

    /**
     * {@return a {@code cl_mem} over a part of shared virtual memory, for the caller to release}
     * OpenCL promises the same memory to a buffer over what {@code clSVMAlloc} gave, not over what
     * lies inside, which some drivers copy: so it is a sub-buffer of such a buffer, which it keeps.
     *
     * @param address in memory that this context has given out and that stays meanwhile
     */
    public MemorySegment bufferOver(long address, long bytes) {
        Map.Entry<Long, Long> all = Objects.requireNonNull(shared.floorEntry(address));
        MemorySegment start = MemorySegment.ofAddress(all.getKey());
        MemorySegment buffer = cl.createHostBuffer(
                context(),
                CL_MEM_USE_HOST_PTR(),
                all.getValue(),
                start,
                code -> failure("clCreateBuffer", code, ": size=" + all.getValue(), bytes));
        long origin = address - all.getKey();
        if (origin == 0 && bytes == all.getValue()) {
            return buffer;
        }
        Throwable failed = null;
        try {
            return cl.createSubBuffer(buffer, origin, bytes);
        } catch (Throwable refused) {
            failed = refused;
            throw refused;
        } finally {
            Throwable first = failed;
            Closes.rethrow(Closes.step(first, () -> Cl.insist(() -> cl.releaseBuffer(buffer))));
        }
    }

    /** {@return how far memory is from the start of what the driver gave out} */
    public long originOf(long address) {
        return address - Objects.requireNonNull(shared.floorKey(address));
    }

    MemorySegment createBuffer(long bytes) {
        requireThere();
        return cl.createBuffer(
                context(),
                bytes,
                code -> failure("clCreateBuffer", code, ": size=" + bytes, bytes));
    }

    /**
     * {@return what it means that staging memory cannot be had, which no eviction helps; its cause
     * tells a lack of memory, which may be of the moment}
     */
    RuntimeException noStaging(String call, int code, long bytes) {
        String text = ClCalls.failed(call, code, ": size=" + bytes);
        return ClCodes.isLoss(code)
                ? lose(text + words(), false)
                : new DeviceException(
                        "device " + name + " has no memory to stage copies in: " + text + words()
                                + "; -D" + CopyWay.PROPERTY + "=straight copies without",
                        ClCodes.isNoRoom(code)
                                ? new OutOfPageMemoryException(text, true, bytes, null)
                                : null);
    }

    public void releaseBuffer(MemorySegment buffer) {
        if (!abandoned) {
            cl.releaseBuffer(buffer);
        }
    }

    // What failures mean

    /** Refuses to begin anything on a device that is lost. */
    void requireThere() {
        String how = loss;
        if (how != null) {
            throw lost(how, false);
        }
    }

    /**
     * {@return what a code of an allocation or a copy means, of the call or of the command later}
     *
     * @param what the call or command
     * @param arguments for the message
     * @param bytes how much memory it was about
     */
    HighpageException failure(String what, int code, String arguments, long bytes) {
        String call = ClCalls.failed(what, code, arguments);
        if (ClCodes.isLoss(code)) {
            return lose(call + words(), false);
        }
        if (ClCodes.isNoRoom(code) && !canFinish()) {
            return lose(call + ", and its queue cannot be finished" + words(), false);
        }
        String text = call + words();
        if (!ClCodes.isNoRoom(code)) {
            return new DeviceException(text, null);
        }
        String full = "device " + name + " has no memory left: " + text;
        return new OutOfPageMemoryException(full, true, bytes, new DeviceException(text, null));
    }

    /** {@return what a code of a call about a part of some memory means} */
    HighpageException refused(String what, int code, long offset, long bytes) {
        return failure(what, code, ": offset=" + offset + " size=" + bytes, bytes);
    }

    /**
     * {@return whether the device still does what needs no memory. After a fault some drivers
     * answer everything with a code that otherwise says that there is no memory}
     */
    private boolean canFinish() {
        Retries retries = new Retries(cl.patience());
        int code;
        int probes = 0;
        do {
            code = cl.finish(copies().in());
            probes++;
        } while (isOfALostDevice(code) && probes < PROBES && retries.again(code));
        retries.end();
        return !isOfALostDevice(code); // one that cannot tell is not lost, as far as is known
    }

    /**
     * Waits until a queue is idle after a blocking call on it has failed: nobody knows whether its
     * command was enqueued, and still runs. Throws nothing.
     *
     * @param what the command
     * @return null if the queue is idle; else that the device is lost and may still be at work
     */
    @Nullable
    DeviceLostException settle(MemorySegment on, String what) {
        try {
            int code = tryFinish(on);
            if (code != CL_SUCCESS()) {
                Retries retries = new Retries(cl.patience());
                while (code != CL_SUCCESS() && retries.again(code)) {
                    code = tryFinish(on);
                }
                retries.end();
            }
            return code == CL_SUCCESS()
                    ? null
                    : lose(
                            what + " may still run: it failed while it blocked, and "
                                    + ClCalls.failed("clFinish", code, ""),
                            true);
        } catch (Throwable noRoom) {
            return loseUntold();
        }
    }

    /**
     * Notes that the device is lost, and may still use memory. Throws nothing.
     *
     * @param what the command that may still run
     * @param wait in vain, for it
     */
    DeviceLostException loseRunning(String what, EventWait wait) {
        try {
            return lose(what + " may still run: " + wait.text(), true);
        } catch (Throwable noRoom) {
            return loseUntold();
        }
    }

    /** Notes it where there is no memory to tell more. Throws nothing, and allocates nothing. */
    DeviceLostException loseUntold() {
        loss = loss == null ? UNTOLD : loss;
        abandoned = true;
        return untold;
    }

    /** {@return whether the driver says that a queue is idle, for which it waits} Asked once. */
    boolean isIdle(MemorySegment queue) {
        return tryFinish(queue) == CL_SUCCESS();
    }

    private int tryFinish(MemorySegment on) {
        try {
            return cl.finish(on);
        } catch (Throwable failed) { // such as a full stack: nothing is known then
            return CL_OUT_OF_HOST_MEMORY();
        }
    }

    private static boolean isOfALostDevice(int code) {
        return ClCodes.isLoss(code) || code == CL_OUT_OF_RESOURCES();
    }

    /**
     * Notes that the device is lost.
     *
     * @param mayStillRun whether it may still use memory. All of its memory is left to it then, and
     *     the context with it
     * @return the failure that says so
     */
    DeviceLostException lose(String how, boolean mayStillRun) {
        if (loss == null) {
            loss = how; // first: who finds it abandoned says how, and nothing is begun meanwhile
        }
        if (mayStillRun && !abandoned) {
            abandoned = true;
            Log.warn(
                    ClContext.class,
                    "device " + name + " may still be at work, it does not say: " + how
                            + "; its memory and context are left to it until the process ends");
        }
        return lost(how, mayStillRun);
    }

    private DeviceLostException lost(String how, boolean mayStillRun) {
        return new DeviceLostException("device " + name + " is lost: " + how, null, mayStillRun);
    }

    private String words() {
        String words = ClNotices.take(notices);
        return words.isEmpty() ? "" : "; the driver says: " + words;
    }

    /** {@return whether the device is lost, and may still be at work} */
    boolean isAbandoned() {
        return abandoned;
    }

    // Waiting for the program's work

    /**
     * Waits until the program's queue is idle. One that nobody has asked for is, but of a device
     * that is known to be lost it is told.
     *
     * @throws DeviceWaitException if the driver does not say whether it is
     * @throws DeviceLostException if the device is lost
     * @throws IllegalStateException if the device is closed and has no memory left in use
     */
    public void finish() {
        if (!uses.enter()) {
            throw closed();
        }
        try {
            int code = isQueueKnown || loss != null ? finishQueue() : CL_SUCCESS();
            if (code != CL_SUCCESS()) {
                finishAgain(code);
            }
        } finally {
            uses.leave();
            releaseIfUnused();
        }
    }

    private int finishQueue() {
        if (abandoned) {
            throw lost(Objects.requireNonNull(loss), true); // noted before
        }
        return cl.finish(handles.queue());
    }

    private void finishAgain(int failed) {
        Retries retries = new Retries(PATIENCE_OF_CLOSE);
        try {
            for (int code = failed; code != CL_SUCCESS(); code = finishQueue()) {
                if (ClCodes.isLoss(code) || code == CL_OUT_OF_RESOURCES() && !canFinish()) {
                    throw lose(ClCalls.failed("clFinish", code, "") + words(), true);
                }
                if (!retries.again(code)) {
                    throw unknown("the work in its queue", ClCalls.failed("clFinish", code, ""));
                }
            }
        } finally {
            retries.end();
        }
    }

    /**
     * Waits until the command of an event of the program's has ended.
     *
     * @return how it ended: {@code CL_COMPLETE} or a negative code
     * @throws DeviceWaitException if the driver does not say whether it has
     * @throws DeviceLostException if the device is lost
     */
    public int await(MemorySegment event) {
        if (abandoned) {
            throw lost(Objects.requireNonNull(loss), true); // noted before
        }
        try (Arena arena = Arena.ofConfined()) {
            EventWait wait = new EventWait(cl, arena.allocate(EventWait.STATUS), PATIENCE_OF_CLOSE);
            int status = wait.await(arena.allocateFrom(ValueLayout.ADDRESS, event));
            if (status != EventWait.UNKNOWN) {
                return status;
            }
            if (wait.isLoss() || !canFinish()) {
                throw lose("the work of an event may still run: " + wait.text() + words(), true);
            }
            throw unknown("the work of an event", wait.text());
        }
    }

    /**
     * Has the driver tell when the command of an event of the program's has ended. It is begun, if
     * it was not: nobody else may be there who waits for it. A driver that cannot tell is none that
     * fails: {@link #isOver} says it too.
     *
     * @param number whom it is to tell, see {@link EventNotices}
     */
    void tellEnd(MemorySegment event, long number) {
        MemorySegment ofCommand = cl.eventQueue(event);
        if (ofCommand.address() != 0) {
            cl.flush(ofCommand);
        }
        MemorySegment notify = EventNotices.function();
        if (notify.address() != 0) {
            cl.tellEnd(event, notify, number);
        }
    }

    /**
     * {@return whether {@link #await} would return or throw at once: the command has ended, or the
     * device is lost}
     */
    boolean isOver(MemorySegment event) {
        if (loss != null) {
            return true;
        }
        try (Arena arena = Arena.ofConfined()) {
            EventWait wait = new EventWait(cl, arena.allocate(EventWait.STATUS), PATIENCE_OF_CLOSE);
            return wait.look(arena.allocateFrom(ValueLayout.ADDRESS, event)) != EventWait.UNKNOWN
                    || wait.isLoss();
        }
    }

    /**
     * {@return what it means that a command of the program's has failed: it has ended, and a
     * kernel's fault may end the device}
     */
    DeviceException workFailure(int status) {
        String text = "the command of the event failed: its execution status is "
                + ClCodes.describeStatus(status) + words();
        return canFinish() ? new DeviceException(text, null) : lose(text, false);
    }

    private DeviceWaitException unknown(String what, String how) {
        return new DeviceWaitException(
                "it is not known whether " + what + " on device " + name + " has ended: " + how
                        + words() + "; what it uses stays open, and can be closed again",
                null);
    }
}
