// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.work;

import io.highpage.internal.work.SharedWork.Part;

/**
 * Finds out whether sharing one kind of work pays on this machine, beside whatever else runs there,
 * and shares it while it does. A second core may be a second thread of the same one, or busy with
 * something else; a helper that loses its core in the middle of a part holds up the caller for a
 * time slice. None of that can be known beforehand, so both ways are timed: a few times each at
 * first, then the one that is slower again and again, so seldom that it costs next to nothing.
 *
 * <p>Works of the same number of parts, to a power of two, are compared with each other: small ones
 * may lie in a cache. Whether two threads or eight share, it is one way: where runtimes of a
 * process differ in that, what is known is of those that came last. Thread-safe: the numbers are
 * plain, and threads that race lose a measurement.
 */
public final class Sharing {
    /** How often each way is timed before one is preferred. */
    static final int FIRST_RUNS = 4;

    /**
     * The slower way is tried again once such work has taken so many times as long as it did the
     * last time; at once if it was not slower this time, which has cost nothing.
     */
    static final int TRIED_AFTER = 64;

    /** Sharing has to win a sixteenth: the rest of the cores belong to the program. */
    private static final int GAIN_SHIFT = 4;

    private final Way[] alone = new Way[Integer.SIZE];
    private final Way[] shared = new Way[Integer.SIZE];
    private final long[] left = new long[Integer.SIZE]; // nanoseconds of work until then

    /**
     * What is known of doing works of one size in one way, in nanoseconds a part. Its own time is
     * that of quick runs, since the caller may lose its core in either way. What it waited for
     * others is the mean: that is what sharing costs, seldom and then much.
     */
    private static final class Way {
        private int runs;
        private long own;
        private long waited;

        void add(long ownNow, long waitedNow) {
            if (runs < FIRST_RUNS) { // cold
                own = runs == 0 ? ownNow : Math.min(own, ownNow);
            } else if (ownNow < own) {
                own = (own + ownNow) / 2;
            } else {
                own += (Math.min(ownNow, 2 * own) - own) / 32;
            }
            waited += (waitedNow - waited) / 16;
            runs = Math.min(runs + 1, FIRST_RUNS);
        }

        long nanos() {
            return own + waited;
        }
    }

    /** Knows nothing yet. */
    public Sharing() {
        for (int size = 0; size < Integer.SIZE; size++) {
            alone[size] = new Way();
            shared[size] = new Way();
        }
    }

    /** As {@link #forEachPart(int, long, long, Part, Runnable)}, part by part in any case. */
    public void forEachPart(int threads, long byteSize, long partBytes, Part use) {
        forEachPart(threads, byteSize, partBytes, use, () -> {
            for (long from = 0; from < byteSize; from += partBytes) {
                use.use(from, Math.min(partBytes, byteSize - from));
            }
        });
    }

    /**
     * Does work on a range by the way that is faster: shared as {@link SharedWork#forEachPart}, or
     * by the caller.
     *
     * @param threads how many may share it, the caller included: with 1 nothing is timed
     * @param byteSize length of the range in bytes, at least 1
     * @param partBytes length of a part; the last may be shorter
     * @param use does a part
     * @param whole does all
     */
    public void forEachPart(int threads, long byteSize, long partBytes, Part use, Runnable whole) {
        if (threads == 1 || SharedWork.threads() == 1 || byteSize <= partBytes) {
            whole.run();
            return;
        }
        int parts = Math.toIntExact((byteSize - 1) / partBytes + 1);
        boolean isShared = isNextShared(parts);
        long start = System.nanoTime();
        long waited = 0;
        if (isShared) {
            waited = SharedWork.forEachPart(threads, byteSize, partBytes, use);
        } else {
            whole.run();
        }
        ended(parts, isShared, System.nanoTime() - start, waited);
    }

    /** {@return whether to share work of so many parts, this time} */
    boolean isNextShared(int parts) {
        int size = sizeOf(parts);
        int known = alone[size].runs;
        if (known < FIRST_RUNS || shared[size].runs < FIRST_RUNS) {
            return shared[size].runs <= known;
        }
        return pays(size) == left[size] > 0;
    }

    private boolean pays(int size) {
        return pays(shared[size].nanos(), alone[size].nanos());
    }

    private static boolean pays(long shared, long alone) {
        return shared < alone - (alone >> GAIN_SHIFT);
    }

    /**
     * Learns how long work of so many parts took.
     *
     * @param nanos in all
     * @param waited of them for others
     */
    void ended(int parts, boolean wasShared, long nanos, long waited) {
        int size = sizeOf(parts);
        boolean wasTrial = wasShared != pays(size);
        boolean won = wasShared
                ? pays(nanos / parts, alone[size].nanos())
                : !pays(shared[size].nanos(), nanos / parts);
        (wasShared ? shared : alone)[size].add((nanos - waited) / parts, waited / parts);
        if (wasTrial) {
            left[size] = won ? 0 : TRIED_AFTER * nanos;
        } else {
            left[size] -= nanos;
        }
    }

    private static int sizeOf(int parts) {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(parts);
    }
}
