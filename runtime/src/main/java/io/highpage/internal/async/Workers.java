// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.async;

import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.log.Log;
import io.highpage.internal.log.NumberSetting;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The threads that run a runtime's asynchronous operations: a few daemons, made when there is work
 * for them, which leave when there was none for a while. Platform threads, since they are inside
 * drivers and copies for long. They never wait for what others do: an operation that would have to
 * is put aside for a moment, and looks again then.
 *
 * <p>Whoever asks takes no lock: a virtual thread that is to get one may wait for its carrier, and
 * all threads behind it with it. The lock of what is put aside is between the threads here.
 */
public final class Workers {
    /** So many operations are under way at once, at most. */
    public static final int OPERATIONS_MAX = 4096;

    private static final int THREADS = NumberSetting.of(
            "highpage.asyncThreads", Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4));

    /** A thread without work leaves after so long. */
    private static final long IDLE_NANOS = 1_000_000_000;

    private static final long PAUSE_FIRST_NANOS = 50_000;
    private static final long PAUSE_MAX_NANOS = 5_000_000;

    /** From so many waits on the pauses of an operation are the longest. */
    static final int WAITS_MAX = 14;

    /**
     * The more operations wait, the longer each pauses: together they look at most 100,000 times a
     * second.
     */
    private static final long PAUSE_EACH_NANOS = 10_000;

    private final String name;
    private final Set<OwnedFuture<?>> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger underWay = new AtomicInteger();
    private final Queue<Object> due = new ConcurrentLinkedQueue<>(); // futures, and what else runs
    private final AtomicReferenceArray<@Nullable Worker> workers =
            new AtomicReferenceArray<>(THREADS);

    // Under its own lock, which only workers take.
    private final PriorityQueue<OwnedFuture<?>> later =
            new PriorityQueue<>(Comparator.comparingLong((OwnedFuture<?> of) -> of.dueNanos));

    private volatile @Nullable Supplier<? extends Throwable> closed;

    /**
     * Makes some without a thread.
     *
     * @param name of the threads
     */
    public Workers(String name) {
        this.name = name;
    }

    /** {@return whether the calling thread is one of some runtime's} What it has is others'. */
    public static boolean isWorker() {
        return Thread.currentThread() instanceof Worker;
    }

    // ---- what is under way ----

    /**
     * Begins an operation.
     *
     * @return its future; null if too many are under way
     */
    public <T> @Nullable OwnedFuture<T> submit(Start<T> start) {
        OwnedFuture<T> future = prepare(start);
        if (future != null) {
            future.begin();
        }
        return future;
    }

    /** Makes what a future is of. */
    @FunctionalInterface
    public interface Start<T> {
        /**
         * Makes it.
         *
         * @param future tells whether anybody still wants it; nothing else may be asked of it yet
         */
        Attempt<T> of(OwnedFuture<T> future);
    }

    /**
     * Makes the future of an operation that begins with {@link OwnedFuture#begin}: it can be
     * cancelled and is ended by a close as if it waited.
     *
     * @return the future; null if too many are under way
     */
    public <T> @Nullable OwnedFuture<T> prepare(Start<T> start) {
        StackRoom.checkLong();
        OwnedFuture<T> future = new OwnedFuture<>(this, start);
        // ORD volatile: no more begin than that; pairs with itself and with finished().
        if (underWay.incrementAndGet() > OPERATIONS_MAX) {
            finished();
            return null;
        }
        try {
            remember(future);
        } catch (Throwable failure) {
            finished();
            throw failure;
        }
        endIfClosed(future);
        return future;
    }

    /** A future has, or may have, something that is nobody's. */
    void remember(OwnedFuture<?> future) {
        open.add(future);
    }

    /** Ends a future that comes too late for whoever closes, who else finds it. */
    void endIfClosed(OwnedFuture<?> future) {
        Supplier<? extends Throwable> why = closed;
        if (why != null) {
            boolean ignored = future.end(why.get());
        }
    }

    /** An operation is not under way any more. */
    void finished() {
        // ORD volatile: pairs with prepare().
        underWay.decrementAndGet();
    }

    /** A future has nothing any more that is not somebody's. */
    void forget(OwnedFuture<?> future) {
        open.remove(future);
    }

    /** {@return how many threads there are at most} */
    public static int threads() {
        return THREADS;
    }

    /** {@return how many threads there are now} */
    public int threadCount() {
        int count = 0;
        for (int i = 0; i < THREADS; i++) {
            count += workers.get(i) == null ? 0 : 1;
        }
        return count;
    }

    /** {@return how many operations are under way} */
    public int underWay() {
        return underWay.get();
    }

    /** {@return whether a future has, or may have, something that is nobody's} */
    boolean has(OwnedFuture<?> future) {
        return open.contains(future);
    }

    /** {@return whether any future has, or may have, something that is nobody's} */
    public boolean hasOpen() {
        return !open.isEmpty();
    }

    /** {@return how many futures have something that is nobody's} */
    int openCount() {
        return open.size();
    }

    /**
     * {@return how many futures have a result of something that nobody has taken} Also of those
     * that have ended, and could not give it back.
     */
    public long untaken(Predicate<Object> subjects) {
        return open.stream()
                .filter(future -> subjects.test(future.subject()) && future.hasOwn())
                .count();
    }

    /** {@return the future that has this result, and that nobody has taken it from; or null} */
    public @Nullable OwnedFuture<?> untakenFutureOf(Object result) {
        for (OwnedFuture<?> future : open) {
            if (future.has(result)) {
                return future;
            }
        }
        return null;
    }

    /**
     * Ends all operations on something, and gives back what their futures have.
     *
     * @param why makes the failure that each ends with
     * @param waits waits a little for an operation that a thread is at; false if that was long
     *     enough
     * @return whether none has anything any more
     */
    public boolean end(
            Predicate<Object> subjects, Supplier<? extends Throwable> why, BooleanSupplier waits) {
        for (OwnedFuture<?> future : open) {
            if (subjects.test(future.subject()) && !future.end(why.get())) {
                future.giveBackAgain();
            }
        }
        while (open.stream().anyMatch(future -> subjects.test(future.subject()))) {
            if (!waits.getAsBoolean()) {
                return false;
            }
        }
        return true;
    }

    /** Ends all that there is, and the threads. What comes from now on ends at once. */
    public void close(Supplier<? extends Throwable> why, BooleanSupplier waits) {
        closed = why;
        boolean ignored = end(subject -> true, why, waits);
        for (int i = 0; i < THREADS; i++) {
            LockSupport.unpark(workers.get(i));
        }
    }

    /**
     * Has something run that waits for nobody.
     *
     * @throws OutOfMemoryError if there is no memory to hand it over, or no thread
     */
    public void execute(Runnable task) {
        enqueue(task);
    }

    // ---- the threads ----

    /** Hands an operation over. Waits for nobody. */
    void enqueue(Object futureOrTask) {
        due.add(futureOrTask);
        wake();
    }

    /**
     * Has a thread look, if not all are at work: those look before they rest.
     *
     * @throws OutOfMemoryError if there is no thread, and none can be made
     */
    private void wake() {
        int free = -1;
        boolean any = false;
        for (int i = 0; i < THREADS; i++) {
            Worker worker = workers.get(i);
            if (worker == null) {
                free = i;
            } else if (worker.tryWake()) {
                return;
            } else {
                any = true;
            }
        }
        if (free >= 0) {
            try {
                start(free);
            } catch (OutOfMemoryError noThread) {
                if (!any) {
                    throw noThread;
                }
            }
        }
    }

    /**
     * Sees to it that what is due, now or soon, does not wait for a thread that may not come back
     * from its operation for long: the others may rest, or have left.
     */
    private void leaveToOthers(Worker one) {
        for (int i = 0; i < THREADS; i++) {
            Worker worker = workers.get(i);
            if (worker != null && worker != one && worker.watches) {
                return;
            }
        }
        wake();
    }

    private void start(int place) {
        Worker worker = new Worker(place);
        // ORD volatile: one thread has a place; pairs with itself and with tryLeave().
        if (!workers.compareAndSet(place, null, worker)) {
            return; // another one has just been made, and looks
        }
        try {
            worker.start();
        } finally {
            if (!worker.isAlive() && worker.getState() == Thread.State.NEW) {
                // ORD volatile: pairs with start().
                workers.set(place, null);
            }
        }
    }

    /** Puts an operation aside that would have to wait. By a thread that is at it. */
    void later(OwnedFuture<?> future, int waits, long leftNanos) {
        long pause = PAUSE_FIRST_NANOS << waits / 2;
        pause = Math.max(Math.min(pause, PAUSE_MAX_NANOS), PAUSE_EACH_NANOS * underWay.get());
        future.dueNanos = System.nanoTime() + Math.min(pause, leftNanos);
        synchronized (later) {
            later.add(future);
        }
    }

    /** Hands over what is due. {@return how long until more is, at most {@code most}} */
    private long takeDue(long most) {
        synchronized (later) {
            for (OwnedFuture<?> first = later.peek(); first != null; first = later.peek()) {
                long left = first.dueNanos - System.nanoTime();
                if (left > 0) {
                    return Math.min(left, most);
                }
                due.add(first);
                later.remove();
            }
        }
        return most;
    }

    void tell(String what, Throwable failure) {
        Log.warn(Workers.class, name, what, failure);
    }

    /** A thread that runs operations. */
    private final class Worker extends Thread {
        private final int place;
        private final AtomicBoolean resting = new AtomicBoolean();

        /** It rests only until what is put aside is due. */
        private volatile boolean watches;

        Worker(int place) {
            super(null, null, name + " " + (place + 1), 0, false);
            this.place = place;
            setDaemon(true);
            setContextClassLoader(ClassLoader.getSystemClassLoader());
        }

        /** {@return whether it rested, and looks now for the caller alone} */
        boolean tryWake() {
            // ORD volatile: what is due comes before; pairs with rest().
            boolean rested = resting.compareAndSet(true, false);
            if (rested) {
                LockSupport.unpark(this);
            }
            return rested;
        }

        @Override
        public void run() {
            long worked = System.nanoTime();
            while (true) {
                try {
                    long rest = takeDue(IDLE_NANOS);
                    Object next = due.poll();
                    if (next != null) {
                        if (rest < IDLE_NANOS || !due.isEmpty()) {
                            leaveToOthers(this);
                        }
                        boolean ignored = Thread.interrupted(); // of nobody, or of an earlier one
                        run(next);
                        worked = System.nanoTime();
                    } else if (isIdle(worked) && tryLeave()) {
                        return;
                    } else {
                        watches = rest < IDLE_NANOS;
                        rest(rest);
                        watches = false;
                    }
                } catch (Throwable failure) {
                    tell("an asynchronous operation failed where none can", failure);
                }
            }
        }

        private void run(Object next) {
            if (next instanceof OwnedFuture<?> future) {
                future.run();
            } else {
                ((Runnable) next).run();
            }
        }

        private boolean isIdle(long worked) {
            return closed != null || System.nanoTime() - worked >= IDLE_NANOS;
        }

        private void rest(long nanos) {
            // ORD volatile: then it looks once more, for who adds and finds that it does not rest;
            // pairs with tryWake().
            resting.set(true);
            if (due.isEmpty()) {
                LockSupport.parkNanos(Workers.this, nanos);
            }
            // ORD volatile: pairs with tryWake().
            resting.set(false);
            boolean ignored = Thread.interrupted();
        }

        /**
         * {@return whether it may go: what comes from now on has another thread made} All stay
         * while something is put aside, since those that look for it may be long at something else.
         */
        private boolean tryLeave() {
            synchronized (later) {
                if (closed == null && !later.isEmpty()) {
                    return false;
                }
                // ORD volatile: who adds finds the place free, or what was added is seen; pairs
                // with start().
                workers.set(place, null);
            }
            // ORD volatile: as start().
            return due.isEmpty() || !workers.compareAndSet(place, null, this);
        }
    }
}
