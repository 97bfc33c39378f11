// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.uring;

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
import io.highpage.internal.os.UringCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A ring's descriptor: submits, waits and registers. Everything but {@link #await} is guarded by the ring's lock. */
final class RingHandle {
    private static final int FEATURES =
            IORING_FEAT_SINGLE_MMAP() | IORING_FEAT_NODROP() | IORING_FEAT_EXT_ARG() | IORING_FEAT_RSRC_TAGS();
    private static final int TRIES_MAX = 100;
    private static final long PAUSE_NANOS = 50_000;

    private final UringCalls calls;
    private final int fd;
    private final Queues queues;
    private boolean open = true;

    private RingHandle(UringCalls calls, int fd, Queues queues) {
        this.calls = calls;
        this.fd = fd;
        this.queues = queues;
    }

    static RingHandle open(UringCalls calls, int entries) throws RingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = io_uring_params.allocate(arena);
            io_uring_params.flags(params, IORING_SETUP_SUBMIT_ALL());
            int fd = calls.setup(entries, params);
            if (fd < 0) {
                throw RingException.of("io_uring_setup", -fd, "entries=" + entries, Advice.forSetup(-fd));
            }
            try {
                checkFeatures(io_uring_params.features(params));
                return new RingHandle(calls, fd, new Queues(calls, fd, params));
            } catch (RingException failed) {
                calls.close(fd);
                throw failed;
            }
        }
    }

    private static void checkFeatures(int features) throws RingException {
        if ((features & FEATURES) != FEATURES) {
            throw RingException.of(
                    "io_uring_setup",
                    ENOSYS(),
                    "features=0x" + Integer.toHexString(features) + " lack some of 0x" + Integer.toHexString(FEATURES),
                    Advice.forSetup(EINVAL()));
        }
    }

    int fd() {
        return fd;
    }

    Queues queues() {
        return queues;
    }

    /** Gives the kernel everything that is prepared. */
    void submit() throws RingException {
        for (int tries = 1; queues.unsubmitted() > 0; tries++) {
            int waiting = queues.unsubmitted();
            int result = calls.enter(fd, waiting, 0, IORING_ENTER_GETEVENTS(), MemorySegment.NULL);
            if (result > 0) {
                tries = 1;
                continue;
            }
            boolean again = result == 0 || result == -EINTR() || result == -EAGAIN() || result == -EBUSY();
            if (!again || tries == TRIES_MAX) {
                int errno = result == 0 ? EAGAIN() : -result;
                throw RingException.of(
                        "io_uring_enter", errno, "operations=" + waiting, "they stay prepared: submit again");
            }
            LockSupport.parkNanos(PAUSE_NANOS); // the kernel has no memory for a request right now
        }
    }

    /** Sleeps in the kernel until there is a completion or time has passed. */
    void await(long nanos) throws RingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = __kernel_timespec.allocate(arena);
            __kernel_timespec.tv_sec(limit, TimeUnit.NANOSECONDS.toSeconds(nanos));
            __kernel_timespec.tv_nsec(limit, nanos % TimeUnit.SECONDS.toNanos(1));
            MemorySegment argument = io_uring_getevents_arg.allocate(arena);
            io_uring_getevents_arg.ts(argument, limit.address());
            int result = calls.enter(fd, 0, 1, IORING_ENTER_GETEVENTS() | IORING_ENTER_EXT_ARG(), argument);
            if (result < 0 && result != -ETIME() && result != -EINTR()) {
                throw RingException.of("io_uring_enter", -result, "waiting for a completion", "");
            }
        }
    }

    /** Registers something. {@return the kernel's answer, below 0 a negated error number} */
    int register(int operation, MemorySegment argument, int count) {
        int result;
        do {
            result = calls.register(fd, operation, argument, count);
        } while (result == -EINTR());
        return result;
    }

    boolean isOpen() {
        return open;
    }

    /** Frees everything. Nothing may be in flight. */
    void close() {
        open = false;
        queues.unmap();
        calls.close(fd); // nothing was written through it
    }
}
