// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static io.highpage.bindings.linux.linux_h.IORING_OP_ASYNC_CANCEL;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * A ring's lock, and waiting for completions without it. Of all platform threads that wait one
 * watches the ring: it sleeps in the kernel, and alone takes completions in meanwhile, since it
 * would sleep on if another took its own. A virtual thread would keep its carrier there, so it
 * watches by looking again and again, and only while no platform thread does. The others park until
 * their operation is done, or until the one that watches leaves.
 *
 * <p>Whatever is thrown, wherever: what was taken is recorded, and what was not done is done by the
 * next who comes. For that, taking is a run of stores, which needs no memory and no stack; and what
 * may fail comes before it, or can be repeated.
 */
final class Reaper {
    /**
     * How long a sleeping thread does not look whether it was interrupted, and a parked one whether
     * anybody watches.
     */
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** How long a ring's lock is waited for where there is no time left. */
    private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** Set in the name of a cancellation; the rest is the name of what it cancels. */
    private static final long CANCELLATION = Long.MIN_VALUE;

    /** What is tried, with the lock, until it is done. May be repeated when it has thrown. */
    @FunctionalInterface
    interface Step {
        boolean isDone() throws IOException;
    }

    private final String ring;
    private final RingHandle handle;
    private final InFlight inFlight;
    private final Duration patience;
    private final RingLock lock = new RingLock();

    /**
     * The platform thread that takes completions in, from the kernel. Set with the lock while there
     * is none, cleared by that thread without: so nobody takes it from a thread that sleeps there,
     * whose argument for the kernel is the ring's.
     */
    private volatile @Nullable Thread watcher;

    /** The virtual thread that looks for completions while no platform thread does; alike. */
    private volatile @Nullable Thread looker;

    /** Operations that have ended and still have something. Guarded by the lock. */
    private @Nullable RingOperation ended;

    /**
     * Operations whose files are closed, but for the descriptor, which is closed without the lock.
     * Changed with the lock.
     */
    private volatile @Nullable RingOperation unclosed;

    Reaper(String ring, RingHandle handle, InFlight inFlight, Duration patience) {
        this.ring = ring;
        this.handle = handle;
        this.inFlight = inFlight;
        this.patience = patience;
    }

    int capacity() {
        return inFlight.capacity();
    }

    /** Does something with the lock, again while the kernel puts it off. */
    void run(Step step) throws IOException {
        boolean ignored = until(step, Long.MAX_VALUE / 2, false, null);
    }

    /** Makes an operation, with the lock. Keeps nothing yet. */
    @FunctionalInterface
    interface Maker {
        RingOperation make();
    }

    /** Makes and prepares an operation; waits for room for as long as the ring's patience. */
    RingOperation prepare(Maker maker) throws IOException {
        RingOperation[] made = {null};
        Step prepared = () -> {
            made[0] = maker.make(); // each time: others come in while this waits
            return made[0].isComplete() || isPrepared(made[0]);
        };
        if (!until(prepared, nanos(patience), true, null)) {
            run(() -> {
                throw new IllegalStateException(
                        ring + " is full: entries=" + inFlight.capacity() + ", free="
                                + inFlight.free() + ", needed=" + made[0].parts()
                                + ", none completed within " + patience + ": "
                                + inFlight.operations(each -> true)
                                + "; await some first, or open the ring with more entries");
            });
        }
        return made[0];
    }

    /**
     * Prepares an operation, all or nothing, if there is room. The caller has the lock.
     *
     * @return whether there was room; else those before it have been submitted
     */
    private boolean isPrepared(RingOperation operation) throws RingException {
        int parts = operation.parts();
        if (parts > inFlight.capacity()) {
            throw new IllegalArgumentException("the range touches slots=" + parts + " but " + ring
                    + " has only entries=" + inFlight.capacity()
                    + "; take smaller ranges, or open the ring with more");
        }
        if (parts > inFlight.free() || parts > handle.queues().room()) {
            if (!isSubmitted() || parts > inFlight.free()) {
                return false;
            }
        }
        Queues queues = handle.queues();
        PinnedMemory memory = operation.memory();
        long done = 0;
        for (int part = 0; part < parts; part++) {
            long at = operation.bufferOffset() + done;
            queues.write(
                    part,
                    operation.opcode(),
                    operation.file().fd(),
                    memory == null ? 0 : memory.address() + at,
                    inFlight.name(inFlight.next(part)));
            if (memory != null) {
                queues.addBytes(
                        part,
                        operation.fileOffset() + done,
                        operation.length(part),
                        memory.slotOf(at));
            }
            done += operation.length(part);
        }
        operation.file().begin(); // the last call: what follows are stores
        if (memory != null) {
            memory.operations++;
        }
        for (int part = 0; part < parts; part++) {
            int number = inFlight.free[--inFlight.freeCount];
            inFlight.operations[number] = operation;
            inFlight.parts[number] = part;
        }
        queues.prepared += parts;
        return true;
    }

    /**
     * Takes completions in, without waiting: not even for the lock, whose owner takes them in too.
     */
    void poll() {
        if (lock.tryLock()) {
            try {
                reap();
            } finally {
                lock.taken = false;
            }
        }
        closeFiles();
    }

    /** Waits for an operation, submits it first. */
    void await(RingOperation operation, Duration limit) throws IOException {
        Step done = () -> operation.isComplete() || isSubmitted() && operation.isComplete();
        if (!until(done, nanos(limit), true, operation)) {
            throw new InterruptedIOException(
                    "not complete within " + limit + ": " + operation + "; it goes on");
        }
    }

    /**
     * Much completes while it is submitted: takes that in too. {@return whether everything is
     * submitted}
     */
    private boolean isSubmitted() throws RingException {
        boolean all = handle.submit();
        reap();
        return all;
    }

    void cancel(RingOperation operation) throws IOException {
        run(() -> operation.isComplete() || isCancelled(each -> each == operation));
    }

    /**
     * Asks the kernel to end operations. The caller has the lock. {@return whether it was asked for
     * all}
     */
    private boolean isCancelled(Predicate<RingOperation> which) throws RingException {
        if (!handle.submit()) { // there has to be room, and the kernel has to know of them
            return false;
        }
        Queues queues = handle.queues();
        for (int number = 0; number < inFlight.operations.length; number++) {
            RingOperation operation = inFlight.operations[number];
            if (operation != null && !inFlight.cancelling[number] && which.test(operation)) {
                long name = inFlight.name(number);
                queues.write(0, IORING_OP_ASYNC_CANCEL(), -1, name, name | CANCELLATION);
                inFlight.cancelling[number] = true;
                queues.prepared++;
            }
        }
        return handle.submit();
    }

    /**
     * Waits for submitted operations, in the end cancels them, and then does the rest. An interrupt
     * does not end it.
     *
     * @throws IllegalStateException if an operation does not end
     */
    void quiesce(Predicate<RingOperation> which, String otherwise, Step rest) throws IOException {
        // The last to leave is a thread that sleeps in the kernel, which it does not do longer than
        // there is work.
        Step step = () ->
                !inFlight.has(which) && (inFlight.count() > 0 || watcher == null) && rest.isDone();
        if (until(step, nanos(patience), false, null)) {
            return;
        }
        run(() -> isCancelled(which));
        if (until(step, nanos(patience), false, null)) {
            return;
        }
        run(() -> {
            List<RingOperation> left = inFlight.operations(which);
            throw new IllegalStateException(otherwise + ": operations=" + left.size()
                    + " did not end within " + patience + " after they were cancelled: " + left
                    + "; their memory stays registered until they do");
        });
    }

    private static long nanos(Duration limit) {
        return TimeUnit.NANOSECONDS.convert(limit);
    }

    /**
     * Repeats a step until it is done, and takes completions in before each time. Waits without the
     * lock.
     *
     * @param awaited whose completion makes it done; null if that depends on others or on more
     * @return whether it was done in time
     */
    private boolean until(
            Step step, long limit, boolean interruptible, @Nullable RingOperation awaited)
            throws IOException {
        Thread me = Thread.currentThread();
        long begin = System.nanoTime();
        boolean interrupted = false;
        boolean waited = false;
        long rest = RingLock.firstRest();
        long lockLimit = interruptible ? Math.max(limit, MOMENT_NANOS) : Long.MAX_VALUE / 2;
        try {
            while (true) {
                boolean parks;
                long left;
                if (!lock.lock(begin + lockLimit)) {
                    return false;
                }
                try {
                    reap();
                    if (step.isDone()) {
                        return true;
                    }
                    interrupted |= Thread.interrupted();
                    if (interrupted && interruptible) {
                        throw new InterruptedIOException(
                                "interrupted while waiting for " + ring + "; its operations go on");
                    }
                    left = limit - (System.nanoTime() - begin);
                    if (left <= 0) {
                        return false;
                    }
                    // If it is not idle, it is the kernel that is short of something.
                    parks = handle.isIdle() && takePart(me, awaited);
                } finally {
                    lock.taken = false;
                }
                waited = true;
                closeFiles();
                if (watcher == me) {
                    sleep(me, Math.min(left, SLICE_NANOS));
                } else if (parks) {
                    LockSupport.parkNanos(this, Math.min(left, SLICE_NANOS));
                } else {
                    rest = RingLock.rest(Math.min(left, rest));
                }
            }
        } finally {
            if (awaited != null && awaited.waiter == me) {
                awaited.waiter = null;
            }
            if (watcher == me) {
                watcher = null;
            } else if (looker == me) {
                looker = null;
            }
            if (waited || unclosed != null) { // else there is nothing to do, and a call could fail
                leave();
            }
            if (interrupted) {
                me.interrupt();
            }
        }
    }

    /**
     * Finds out how to wait: watching, parked, or looking again. The caller has the lock.
     * {@return whether to park}
     */
    private boolean takePart(Thread me, @Nullable RingOperation awaited) {
        if (watcher == null) {
            if (!me.isVirtual()) {
                watcher = me;
            } else if (looker == null) {
                looker = me;
            }
        } else if (looker == me) {
            looker = null;
        }
        if (awaited == null) {
            return false;
        }
        if (awaited.waiter == null) {
            awaited.waiter = me;
        }
        return awaited.waiter == me && watcher != me && looker != me;
    }

    private void sleep(Thread me, long nanos) throws RingException {
        try {
            handle.await(nanos);
        } finally {
            if (watcher == me) {
                watcher = null;
            }
        }
    }

    private boolean isWatched() {
        return watcher != null || looker != null;
    }

    /** Somebody else has to watch now. */
    private void leave() {
        closeFiles();
        if (!isWatched()
                && lock.lock(System.nanoTime() + MOMENT_NANOS)) { // else they look after a slice
            try {
                Thread next = isWatched() ? null : inFlight.waiter();
                if (next != null) {
                    LockSupport.unpark(next);
                }
            } finally {
                lock.taken = false;
            }
        }
    }

    /** Takes in what has completed, and lets go of what that used. The caller has the lock. */
    @SuppressWarnings("NullAway") // what the kernel names is in flight; a check would be a call
    private void reap() {
        if (watcher == null && handle.isOpen()) {
            Queues queues = handle.queues();
            int completed = queues.completed();
            while (queues.reaped != completed) {
                long name = queues.userData();
                int result = queues.result();
                int number = (int) name;
                // Stores only, to the end of the round.
                if (name < 0) { // what came of a cancellation shows in what it cancelled
                    inFlight.cancelling[number] = false;
                } else {
                    RingOperation operation = inFlight.operations[number];
                    operation.results[inFlight.parts[number]] = result;
                    operation.missing--;
                    inFlight.operations[number] = null;
                    inFlight.lives[number]++;
                    inFlight.free[inFlight.freeCount++] = number;
                    if (operation.missing == 0) {
                        operation.next = ended;
                        ended = operation;
                    }
                }
                queues.reaped++;
            }
            queues.giveBack();
        }
        while (ended != null) {
            RingOperation operation = ended;
            operation.end();
            boolean closes = operation.file().isClosed();
            ended = operation.next;
            operation.next = closes ? unclosed : null;
            unclosed = closes ? operation : unclosed;
        }
    }

    /** Closes the descriptors of files that were closed while operations used them. */
    private void closeFiles() {
        for (RingOperation last = unclosed; last != null; last = unclosed) {
            int ignored = last.file().closeIfUnused(); // nobody is left to be told
            lock.lock();
            try {
                if (unclosed == last) {
                    unclosed = last.next;
                    last.next = null;
                }
            } finally {
                lock.taken = false;
            }
        }
    }
}
