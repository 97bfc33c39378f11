// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static io.highpage.bindings.linux.linux_h.EAGAIN;
import static io.highpage.bindings.linux.linux_h.EBUSY;
import static io.highpage.bindings.linux.linux_h.EINTR;
import static io.highpage.bindings.linux.linux_h.EINVAL;
import static io.highpage.bindings.linux.linux_h.ENOSYS;
import static io.highpage.bindings.linux.linux_h.ETIME;
import static io.highpage.bindings.linux.linux_h.IORING_ENTER_EXT_ARG;
import static io.highpage.bindings.linux.linux_h.IORING_ENTER_GETEVENTS;
import static io.highpage.bindings.linux.linux_h.IORING_FEAT_EXT_ARG;
import static io.highpage.bindings.linux.linux_h.IORING_FEAT_NODROP;
import static io.highpage.bindings.linux.linux_h.IORING_FEAT_RSRC_TAGS;
import static io.highpage.bindings.linux.linux_h.IORING_FEAT_SINGLE_MMAP;
import static io.highpage.bindings.linux.linux_h.IORING_SETUP_SUBMIT_ALL;

import io.highpage.bindings.linux.__kernel_timespec;
import io.highpage.bindings.linux.io_uring_getevents_arg;
import io.highpage.bindings.linux.io_uring_params;
import io.highpage.internal.jvm.HeapRoom;
import io.highpage.internal.os.UringCalls;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * A ring's descriptor: submits, waits and registers. Everything but {@link #await}, which is for
 * one thread at a time, is guarded by the ring's lock.
 */
final class RingHandle {
    private static final int FEATURES = IORING_FEAT_SINGLE_MMAP()
            | IORING_FEAT_NODROP()
            | IORING_FEAT_EXT_ARG()
            | IORING_FEAT_RSRC_TAGS();
    private static final int REFUSALS_MAX = 100;
    private static final int CLOSED = -1;

    private final UringCalls calls;
    private final MemorySegment limit;
    private final MemorySegment argument;
    private final Queues queues;
    private int fd;
    private int refusals;
    private boolean open = true;

    private RingHandle(UringCalls calls, Queues queues, Arena arena) {
        this.calls = calls;
        this.queues = queues;
        this.limit = __kernel_timespec.allocate(arena);
        this.argument = io_uring_getevents_arg.allocate(arena);
        io_uring_getevents_arg.ts(argument, limit.address());
    }

    static RingHandle open(UringCalls calls, int entries) throws RingException {
        MemorySegment params = io_uring_params.allocate(Arena.ofAuto());
        io_uring_params.flags(params, IORING_SETUP_SUBMIT_ALL());
        HeapRoom.check();
        int fd = calls.setup(entries, params);
        if (fd < 0) {
            throw RingException.of(
                    "io_uring_setup", -fd, "entries=" + entries, Advice.forSetup(-fd));
        }
        RingHandle made = null;
        try {
            checkFeatures(io_uring_params.features(params));
            made = new RingHandle(calls, new Queues(calls, params), Arena.ofAuto());
            made.fd = fd;
            made.queues.map(fd, params);
            return made;
        } catch (Throwable failed) { // whatever it is, the descriptor must not stay
            if (made == null) {
                calls.close(fd);
            } else {
                made.close(failed);
            }
            throw failed;
        }
    }

    private static void checkFeatures(int features) throws RingException {
        if ((features & FEATURES) != FEATURES) {
            throw RingException.of(
                    "io_uring_setup",
                    ENOSYS(),
                    "features=0x" + Integer.toHexString(features) + " lack some of 0x"
                            + Integer.toHexString(FEATURES),
                    Advice.forSetup(EINVAL()));
        }
    }

    int fd() {
        return fd;
    }

    Queues queues() {
        return queues;
    }

    /**
     * Gives the kernel everything that is prepared.
     *
     * @return whether it took everything; else it is short of something for the moment, and is to
     *     be asked again after a rest
     * @throws RingException if it refuses, or has put it off too often
     */
    boolean submit() throws RingException {
        if (!open || queues.unsubmitted() == 0) {
            return true;
        }
        queues.publish();
        while (true) {
            int waiting = queues.unsubmitted();
            int result = calls.enter(fd, waiting, 0, IORING_ENTER_GETEVENTS(), MemorySegment.NULL);
            if (queues.unsubmitted() == 0) {
                refusals = 0;
                return true;
            }
            if (result > 0) {
                continue;
            }
            boolean again =
                    result == 0 || result == -EINTR() || result == -EAGAIN() || result == -EBUSY();
            if (!again || ++refusals >= REFUSALS_MAX) {
                refusals = 0;
                int errno = result == 0 ? EAGAIN() : -result;
                throw RingException.of(
                        "io_uring_enter",
                        errno,
                        "operations=" + waiting,
                        "they stay prepared: submit again");
            }
            return false;
        }
    }

    /** Sleeps in the kernel until there is a completion or time has passed. */
    void await(long nanos) throws RingException {
        __kernel_timespec.tv_sec(limit, TimeUnit.NANOSECONDS.toSeconds(nanos));
        __kernel_timespec.tv_nsec(limit, nanos % TimeUnit.SECONDS.toNanos(1));
        int result =
                calls.enter(fd, 0, 1, IORING_ENTER_GETEVENTS() | IORING_ENTER_EXT_ARG(), argument);
        if (result < 0
                && result != -ETIME()
                && result != -EINTR()
                && result != -EAGAIN()
                && result != -EBUSY()) {
            throw RingException.of("io_uring_enter", -result, "waiting for a completion", "");
        }
    }

    /** Registers something. {@return the kernel's answer, below 0 a negated error number} */
    int register(int operation, MemorySegment what, int count) {
        int result;
        do {
            result = calls.register(fd, operation, what, count);
        } while (result == -EINTR());
        return result;
    }

    /** {@return whether the kernel has taken everything that was prepared} */
    boolean isIdle() {
        return !open || queues.unsubmitted() == 0;
    }

    boolean isOpen() {
        return open;
    }

    /** Frees everything. Nothing may be in flight. Goes on where it stopped. */
    void close() throws RingException {
        open = false;
        queues.unmap();
        if (fd != CLOSED) {
            calls.close(fd); // nothing was written through it, and whatever it says it is closed
            fd = CLOSED;
        }
    }

    /** Frees everything after a failure, which is told what fails here. */
    void close(Throwable failed) {
        try {
            close();
        } catch (RingException refused) {
            failed.addSuppressed(refused);
        }
    }
}
