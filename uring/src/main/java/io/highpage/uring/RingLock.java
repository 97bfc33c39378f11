// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.internal.close.Turn;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

/**
 * A ring's lock. It is given up by a store in a finally block, {@code lock.taken = false}: a call
 * could fail there, at the end of a thread's stack. Nobody queues for it, since a platform thread
 * would then wait behind a virtual thread that has no carrier; who finds it taken looks again after
 * a moment. Not reentrant. Nobody waits while having it.
 */
final class RingLock {
    private static final VarHandle TAKEN;
    private static final int SPINS = 100;
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final long PAUSE_NANOS_MAX = TimeUnit.MICROSECONDS.toNanos(500);

    static {
        try {
            TAKEN = MethodHandles.lookup().findVarHandle(RingLock.class, "taken", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** Whether a thread has it. Only that thread may write it, and only {@code false}. */
    volatile boolean taken;

    boolean tryLock() {
        // ORD volatile: of several threads one gets it, and sees what the last one wrote; pairs
        // with Reaper.poll(), Reaper.until(), Reaper.leave() and Reaper.closeFiles().
        return TAKEN.compareAndSet(this, false, true);
    }

    /** Takes it. Those who have it make system calls, but wait for nothing. */
    void lock() {
        long pause = PAUSE_NANOS;
        for (int tries = 0; !tryLock(); tries++) {
            pause = pause(tries, pause);
        }
    }

    /** Takes it if that is possible before a {@link System#nanoTime}. {@return whether it was} */
    boolean lock(long end) {
        long pause = PAUSE_NANOS;
        for (int tries = 0; !tryLock(); tries++) {
            if (end - System.nanoTime() <= 0) {
                return false;
            }
            pause = pause(tries, pause);
        }
        return true;
    }

    private static long pause(int tries, long nanos) {
        if (tries < SPINS) {
            Thread.onSpinWait();
            return nanos;
        }
        return rest(nanos);
    }

    /**
     * Rests, longer from time to time. Does not end an interrupt. {@return how long to rest next
     * time}
     */
    static long rest(long nanos) {
        Turn.pause(nanos);
        return Math.min(2 * nanos, PAUSE_NANOS_MAX);
    }

    /** {@return how long to rest the first time} */
    static long firstRest() {
        return PAUSE_NANOS;
    }
}
