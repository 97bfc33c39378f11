// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.work;

import io.highpage.internal.log.Log;

import org.jspecify.annotations.Nullable;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A daemon thread for what nobody waits for. It is there only while something asks for it, looks
 * twenty times a second whether there is something to do, and ends when nothing asks any more, or
 * nobody has what asked: between two looks the thread keeps nothing. Whatever is thrown there is
 * told, and the next look goes on. Thread-safe.
 */
public final class Background {
    /** From the end of a look to the next one, at least. */
    public static final long PERIOD_NANOS = 50_000_000;

    /** How long one job works in one look: others ask for the thread too, and it must end soon. */
    private static final long LOOK_NANOS = 100_000_000;

    /** Something that is looked after. Called by one thread at a time. */
    @FunctionalInterface
    public interface Job {
        /**
         * Looks whether there is something to do, and does some of it.
         *
         * @param goesOn false once it has taken long enough; asked after each step
         * @return false if there will never be more to do
         */
        boolean look(BooleanSupplier goesOn);
    }

    private final String name;
    private final long periodNanos;
    private volatile List<Job> jobs = List.of(); // changed under this lock
    private @Nullable Thread thread; // under this lock; null if there is none
    private volatile boolean ended;
    private boolean noThread; // told
    private boolean failing; // the last look did, and that was told

    /**
     * Makes one without a thread.
     *
     * @param name of the thread
     */
    public Background(String name) {
        this(name, PERIOD_NANOS);
    }

    /** Makes one that looks more often: its threads meet others more often, too. */
    public Background(String name, long periodNanos) {
        this.name = name;
        this.periodNanos = periodNanos;
    }

    /**
     * Looks after a job from now on, unless it does already, or has ended.
     *
     * @return whether there is a thread that looks; if not, whoever asks next may get one, and it
     *     looks after this job too
     */
    public synchronized boolean ask(Job job) {
        if (ended) {
            return false;
        }
        if (!jobs.contains(job)) {
            List<Job> more = new ArrayList<>(jobs);
            more.add(job);
            jobs = List.copyOf(more);
        }
        if (thread == null) {
            start();
        }
        return thread != null;
    }

    /** Where no thread can be made what nobody waits for is not done. */
    private void start() {
        Thread made = null;
        WeakReference<Background> weak = new WeakReference<>(this);
        long pauseNanos = periodNanos; // not by way of this
        try {
            made = Thread.ofPlatform()
                    .daemon()
                    .name(name)
                    .inheritInheritableThreadLocals(false)
                    .unstarted(() -> run(weak, pauseNanos));
            thread = made; // first: a start that fails at its end has started it
            made.start();
        } catch (OutOfMemoryError none) {
            if (!noThread) {
                noThread = true;
                Log.warn(
                        Background.class,
                        name,
                        "no thread; what it looks after is left undone until somebody asks"
                                + " again and there is one",
                        none);
            }
        } finally {
            if (made == null || !made.isAlive()) {
                thread = null;
            }
        }
    }

    private synchronized void drop(Job job) {
        jobs = jobs.stream().filter(each -> each != job).toList();
    }

    /**
     * Looks after nothing any more.
     *
     * @param waits waits a little for the thread to end; false if that was long enough
     */
    public void end(BooleanSupplier waits) {
        Thread last;
        synchronized (this) {
            ended = true;
            jobs = List.of();
            last = thread;
        }
        LockSupport.unpark(last);
        while (last != null
                && last != Thread.currentThread()
                && last.isAlive()
                && waits.getAsBoolean()) {
            // It is at the end of a step.
        }
    }

    private synchronized boolean isNeeded() {
        if (jobs.isEmpty()) {
            thread = null; // who asks from now on starts another one
            return false;
        }
        return true;
    }

    /** Refers to whose thread it is for as long as a look takes only. */
    private static void run(WeakReference<Background> weak, long periodNanos) {
        boolean needed = true;
        while (needed) {
            try {
                needed = isNeeded(weak);
                if (needed) {
                    pause(weak, periodNanos);
                    look(weak);
                }
            } catch (Throwable failure) {
                tell(weak, failure);
            }
        }
    }

    private static boolean isNeeded(WeakReference<Background> weak) {
        Background of = weak.get();
        return of != null && of.isNeeded();
    }

    /** Whole, also if somebody wakes or interrupts the thread: jobs rest on it. */
    private static void pause(WeakReference<Background> weak, long periodNanos) {
        long start = System.nanoTime();
        for (long left = periodNanos;
                left > 0 && hasJobs(weak);
                left = periodNanos - (System.nanoTime() - start)) {
            LockSupport.parkNanos(left);
            boolean ignored = Thread.interrupted();
        }
    }

    private static boolean hasJobs(WeakReference<Background> weak) {
        Background of = weak.get();
        return of != null && !of.jobs.isEmpty();
    }

    private static void look(WeakReference<Background> weak) {
        Background of = weak.get();
        if (of != null) {
            of.look();
        }
    }

    private void look() {
        boolean failed = false;
        for (Job job : jobs) {
            failed |= !look(job);
        }
        failing = failed;
    }

    private static void tell(WeakReference<Background> weak, Throwable failure) {
        Background of = weak.get();
        if (of != null) {
            of.tell(failure);
        }
    }

    /** {@return whether that worked} */
    private boolean look(Job job) {
        try {
            long start = System.nanoTime();
            boolean more = job.look(() -> !ended && System.nanoTime() - start < LOOK_NANOS);
            if (!more) {
                drop(job);
            }
            return true;
        } catch (Throwable failure) {
            tell(failure);
            return false;
        }
    }

    /** Once for looks in a row that fail: it may be memory or stack that is short. */
    private void tell(Throwable failure) {
        boolean told = failing;
        failing = true;
        if (told) {
            return;
        }
        failing =
                Log.warn(Background.class, name, "failed, and goes on with its next look", failure);
    }

    @Override
    public String toString() {
        return name;
    }
}
