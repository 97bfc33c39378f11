// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.work;

import io.highpage.internal.log.NumberSetting;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/**
 * Work in parts that idle threads of the JDK's common pool share with the caller. Whoever is free
 * takes the next part, so a busy pool costs nothing but its help: the caller waits only for parts
 * that somebody is doing, never for one that nobody has begun, and never runs anybody else's tasks.
 * It may therefore own moving pages meanwhile.
 */
public final class SharedWork {
    /** Memory is at its limit with a few threads; the rest of the cores belong to the program. */
    private static final int THREADS_MAX = 8;

    /** The common pool has a thread also where there is one core. */
    private static final int THREADS = NumberSetting.of(
            "highpage.threads",
            Math.min(
                    Math.min(THREADS_MAX, Runtime.getRuntime().availableProcessors()),
                    ForkJoinPool.getCommonPoolParallelism() + 1));

    /**
     * How long the caller looks for the end of the last part before it sleeps, in nanoseconds:
     * waking costs as much. It yields meanwhile: the part may wait for this very core.
     */
    private static final long SPIN_NANOS = 50_000;

    /**
     * A pool that has not begun so many tasks is asked for no more help: one that is stuck would
     * gather them.
     */
    static final int WAITING_MAX = 64;

    /**
     * How long nobody asks again for help after the system had no thread for a helper, in
     * nanoseconds.
     */
    private static final long NO_HELP_NANOS = 10_000_000_000L;

    private static volatile long helpAt = System.nanoTime();

    /**
     * How long a helper looks for more work before it goes back to the pool, in nanoseconds: longer
     * than the time between two batches of a large migration, and about as long as it takes to wake
     * it. It yields meanwhile: whoever has work goes first.
     */
    private static final long LINGER_NANOS = 100_000;

    /** Helpers that look for more work. */
    private static final AtomicInteger LINGERING = new AtomicInteger();

    /** The work that was begun last, for them; null once it has ended. */
    private static final AtomicReference<@Nullable SharedWork> LATEST = new AtomicReference<>();

    private final int threads;
    private final int parts;
    private final IntConsumer body;
    /** How many more may help: those who look for work come without having been asked for it. */
    private final AtomicInteger seats;

    private final AtomicInteger next = new AtomicInteger();
    private final CountDownLatch unfinished;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private SharedWork(int threads, int parts, IntConsumer body) {
        this.threads = threads;
        this.parts = parts;
        this.body = body;
        this.seats = new AtomicInteger(threads - 1);
        this.unfinished = new CountDownLatch(parts);
    }

    /**
     * {@return how many threads share work at most, the caller included, whoever asks: the system
     * property {@code highpage.threads}; at least 1}
     */
    public static int threads() {
        return THREADS;
    }

    /**
     * Does all parts and returns when the last is done, also if one fails: nobody is at work then
     * any more.
     *
     * @param threads how many threads share it at most, the caller included, at least 1; never more
     *     than {@link #threads()}
     * @param parts number of parts
     * @param body does the part with a number from 0; its writes are visible to the caller
     *     afterwards
     * @return how long the caller waited for others in the end, in nanoseconds
     * @throws RuntimeException or Error what the first part that failed threw
     */
    public static long run(int threads, int parts, IntConsumer body) {
        if (parts == 1) {
            body.accept(0);
            return 0;
        }
        SharedWork work = new SharedWork(Math.min(threads, THREADS), parts, body);
        long waited = 0;
        try {
            // ORD volatile: helpers see all of the work; pairs with linger().
            LATEST.set(work);
            work.askForHelp();
        } finally {
            work.takeParts(); // whatever became of the helpers
            // ORD volatile: only if it is still the latest; pairs with itself and with linger().
            LATEST.compareAndSet(work, null);
            waited = work.awaitOthers();
        }
        work.rethrow();
        return waited;
    }

    /** A piece of a range. */
    @FunctionalInterface
    public interface Part {
        /**
         * Does it.
         *
         * @param from where it starts in the range, in bytes
         * @param bytes its length
         */
        void use(long from, long bytes);
    }

    /**
     * Cuts a range into parts and does all, as {@link #run}.
     *
     * @param threads as of {@link #run}
     * @param byteSize length of the range in bytes, at least 1
     * @param partBytes length of a part; the last may be shorter
     * @param use does a part
     * @return as {@link #run}
     */
    public static long forEachPart(int threads, long byteSize, long partBytes, Part use) {
        int parts = Math.toIntExact((byteSize - 1) / partBytes + 1);
        return run(threads, parts, part -> {
            long from = part * partBytes;
            use.use(from, Math.min(partBytes, byteSize - from));
        });
    }

    /** Help is optional: where no thread can be made the caller does all. */
    private void askForHelp() {
        int helpers = Math.min(parts, threads)
                - 1
                - LINGERING.get(); // one that is leaving costs only its help
        if (helpers <= 0 || System.nanoTime() - helpAt < 0) {
            return;
        }
        ForkJoinPool pool = ForkJoinPool.commonPool();
        try {
            for (; helpers > 0 && waitingIn(pool) < WAITING_MAX; helpers--) {
                pool.execute(this::help);
            }
        } catch (OutOfMemoryError
                | RejectedExecutionException
                        noThread) { // the pool may have kept the task all the same
            helpAt = System.nanoTime() + NO_HELP_NANOS;
        }
    }

    /**
     * {@return how many tasks the pool has not begun; one of its own threads puts them into a queue
     * of its own}
     */
    private static int waitingIn(ForkJoinPool pool) {
        return pool.getQueuedSubmissionCount() + ForkJoinTask.getQueuedTaskCount();
    }

    private void help() {
        if (tryJoin()) {
            takeParts();
        }
        // ORD volatile: a number to go by; pairs with askForHelp().
        LINGERING.incrementAndGet();
        try {
            linger();
        } finally {
            // ORD volatile: a number to go by; pairs with askForHelp().
            LINGERING.decrementAndGet();
        }
    }

    /** It looks last: yielding may have taken long, and who has work counts on it. */
    private static void linger() {
        for (long since = System.nanoTime(); ; Thread.yield()) {
            boolean late = System.nanoTime() - since >= LINGER_NANOS;
            SharedWork more = LATEST.get();
            if (more != null && more.next.get() < more.parts && more.tryJoin()) {
                more.takeParts();
                since = System.nanoTime();
            } else if (late) {
                return;
            }
        }
    }

    /** {@return whether the calling thread may help too} */
    private boolean tryJoin() {
        // ORD volatile: no more take one than there are; pairs with itself.
        return seats.get() > 0 && seats.getAndDecrement() > 0;
    }

    private void takeParts() {
        // ORD volatile: each part is taken by one thread; pairs with itself.
        for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
            try {
                body.accept(part);
            } catch (Throwable thrown) {
                // ORD volatile: the first failure is told; pairs with itself and with rethrow().
                failure.compareAndSet(null, thrown);
            } finally {
                unfinished.countDown();
            }
        }
    }

    private long awaitOthers() {
        long start = System.nanoTime();
        while (unfinished.getCount() > 0 && System.nanoTime() - start < SPIN_NANOS) {
            Thread.yield();
        }
        boolean interrupted = false;
        while (unfinished.getCount() > 0) {
            try {
                unfinished.await();
            } catch (InterruptedException later) {
                interrupted = true; // the parts under way cannot be stopped
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return System.nanoTime() - start;
    }

    private void rethrow() {
        switch (failure.get()) {
            case null -> {}
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            case Throwable checked ->
                throw new IllegalStateException(checked); // an IntConsumer declares none
        }
    }
}
