// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.uring;

import static io.highpage.bindings.linux.linux_h.IORING_OP_ASYNC_CANCEL;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * A ring's lock, and waiting for completions without it: of all threads that wait, one sleeps in the kernel, the others
 * until that one comes back. It alone takes completions in meanwhile: were its own taken by another thread, it would sleep
 * on.
 */
final class Reaper {
    /** How long a sleeping thread does not look whether it was interrupted. */
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Not the number of any part. */
    private static final long CANCELLATION = -1;

    private final String ring;
    private final RingHandle handle;
    private final InFlight inFlight;
    private final Duration patience;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean asleep;

    Reaper(String ring, RingHandle handle, InFlight inFlight, Duration patience) {
        this.ring = ring;
        this.handle = handle;
        this.inFlight = inFlight;
        this.patience = patience;
    }

    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    int capacity() {
        return inFlight.capacity();
    }

    /** Prepares a part of an operation. The caller has the lock, and has made room. */
    void prepare(RingOperation operation, int part, int fd, long fileOffset, long address, int slot) {
        int number = inFlight.add(operation, part);
        handle.queues().prepare(operation.opcode(), fd, fileOffset, address, operation.length(part), slot, number);
    }

    /** Sees to it that parts can be prepared. {@return whether it had to wait, and others may have come in} */
    boolean waitedForRoom(int parts) throws IOException {
        if (parts > inFlight.capacity()) {
            throw new IllegalArgumentException("the range touches slots=" + parts + " but " + ring
                    + " has only entries=" + inFlight.capacity() + "; take smaller ranges, or open the ring with more");
        }
        if (parts <= inFlight.free()) {
            return false;
        }
        handle.submit();
        if (!await(() -> parts <= inFlight.free(), patience, true)) {
            throw new IllegalStateException(ring + " is full: entries=" + inFlight.capacity() + ", free="
                    + inFlight.free() + ", needed=" + parts + ", none completed within " + patience + ": "
                    + inFlight.operations(each -> true) + "; await some first, or open the ring with more entries");
        }
        return true;
    }

    /** Takes completions in, without waiting. */
    void poll() {
        lock.lock();
        try {
            reap();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for an operation, submits it first. */
    void await(RingOperation operation, Duration limit) throws IOException {
        lock.lock();
        try {
            if (!operation.isComplete()) {
                handle.submit();
                if (!await(operation::isComplete, limit, true)) {
                    throw new InterruptedIOException(
                            "not complete within " + limit + ": " + operation + "; it goes on");
                }
            }
        } finally {
            lock.unlock();
        }
    }

    void cancel(RingOperation operation) throws IOException {
        lock.lock();
        try {
            if (!operation.isComplete()) {
                cancel(each -> each == operation);
            }
        } finally {
            lock.unlock();
        }
    }

    private void cancel(Predicate<RingOperation> which) throws RingException {
        handle.submit(); // leaves the queue empty, so that there is room
        for (int number : inFlight.numbers(which)) {
            handle.queues().prepare(IORING_OP_ASYNC_CANCEL(), -1, 0, number, 0, 0, CANCELLATION);
        }
        handle.submit();
    }

    /** Waits for submitted operations, in the end cancels them. An interrupt does not end it. */
    void quiesce(Predicate<RingOperation> which, String otherwise) throws IOException {
        // The last to leave is a thread that sleeps in the kernel, which it does not do longer than there is work.
        BooleanSupplier none = () -> inFlight.numbers(which).isEmpty() && (inFlight.count() > 0 || !asleep);
        if (await(none, patience, false)) {
            return;
        }
        cancel(which);
        if (!await(none, patience, false)) {
            List<RingOperation> left = inFlight.operations(which);
            throw new IllegalStateException(
                    otherwise + ": operations=" + left.size() + " did not end within " + patience
                            + " after they were cancelled: " + left + "; their memory stays registered until they do");
        }
    }

    /** Waits until something is true. Gives the lock up meanwhile. {@return whether it came true in time} */
    private boolean await(BooleanSupplier done, Duration limit, boolean interruptible) throws IOException {
        long end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(limit);
        boolean interrupted = false;
        try {
            while (true) {
                reap();
                if (done.getAsBoolean()) {
                    return true;
                }
                interrupted |= Thread.interrupted();
                if (interrupted && interruptible) {
                    throw new InterruptedIOException(
                            "interrupted while waiting for " + ring + "; its operations go on");
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                sleep(Math.min(left, SLICE_NANOS));
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void sleep(long nanos) throws RingException {
        if (asleep) {
            try {
                long ignored = changed.awaitNanos(nanos);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt(); // the caller looks for it
            }
            return;
        }
        asleep = true;
        lock.unlock();
        try {
            handle.await(nanos);
        } finally {
            lock.lock();
            asleep = false;
            changed.signalAll();
        }
    }

    private void reap() {
        if (!asleep && handle.isOpen() && handle.queues().reap(this::complete) > 0) {
            changed.signalAll();
        }
    }

    private void complete(long userData, int result) {
        if (userData != CANCELLATION) { // what came of a cancellation shows in what it cancelled
            inFlight.complete((int) userData, result);
        }
    }
}
