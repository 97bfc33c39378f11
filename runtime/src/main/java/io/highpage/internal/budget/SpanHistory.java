// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

/**
 * When a span was used on one device. Each span has one for each device, from its first use there
 * until its buffer closes: also while it is not there, so what comes back is known.
 *
 * <p>Fields are plain and written by whoever uses the span. Two at once may mix their numbers, each
 * of which stays one that it could be: the worth is off for a few uses, and is no more than a guess
 * anyway.
 */
public final class SpanHistory {
    /** Of all spans that were never on the device. Nobody writes to it. */
    public static final SpanHistory NEVER_THERE = new SpanHistory();

    /** Means are of about so many uses: enough to tell rates apart, few enough to forget. */
    private static final int REMEMBERED = 16;

    /** With fewer intervals than that, less patience with one that takes long. */
    private static final int CERTAIN = 2;

    /** So many usual intervals without a use are no chance any more: it is used less often now. */
    private static final int PATIENCE = 2;

    /**
     * A span that was just used counts as used this much less often than one whose turn is next.
     * Those in a loop are used equally often, up to noise, and then it decides: the optimum lets
     * the last one leave first.
     */
    private static final double JUST_USED = 0.25;

    private long uses;
    private long last;
    private int intervals;
    private double interval; // mean
    private double ways; // mean: the times that its bytes move for a use, if it is not there
    private int lastWays;
    private boolean announced;

    /** {@return how often it was used} */
    public long uses() {
        return uses;
    }

    /** {@return when it was used last; 0 if never} */
    public long lastUse() {
        return last;
    }

    /** {@return whether it was brought for a use that has not come yet} */
    public boolean isAnnounced() {
        return announced;
    }

    void announce(boolean is) {
        announced = is;
    }

    void begin(long now, int moves) {
        uses = 1;
        last = now;
        ways = moves;
        lastWays = moves;
    }

    void use(long now, long since, int moves) {
        uses++;
        last = now;
        intervals++;
        interval += (since - interval) / Math.min(intervals, REMEMBERED);
        ways += (moves - ways) / Math.min(intervals + 1, REMEMBERED);
        lastWays = moves;
    }

    /** The last use goes on, and does more. */
    void goOn(int moves) {
        if (moves > lastWays) {
            ways += (double) (moves - lastWays) / Math.min(intervals + 1, REMEMBERED);
            lastWays = moves;
        }
    }

    /**
     * {@return what it saves by being there: how often, in each tick of the clock, each of its
     * bytes would move}
     */
    public double worth(UseClock clock) {
        double age = Math.max(1, clock.now() - last);
        double usual = intervals == 0 ? clock.second() : interval;
        double patience = 1 + (PATIENCE - 1.0) * Math.min(intervals, CERTAIN) / CERTAIN;
        double due = usual - JUST_USED * Math.min(usual, age);
        return ways / Math.max(due, age / patience);
    }
}
