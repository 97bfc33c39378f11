// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

import io.highpage.outcome.AccessMode;

/**
 * The time of one device, for {@link SpanHistory}: it goes on by one with each use of another span.
 *
 * <p>Plain fields, since every access looks at them: two that use spans at once may both give their
 * uses the same time, and one that is slow sets the time back, until a span is used that was used
 * later than that. Histories then are a little off, and a span that is used again soon may leave;
 * no more rests on them. Threads that use a few spans over and over do not write at all, so they do
 * not take a cache line from each other.
 */
public final class UseClock {
    private static final int WEIGHT = 8;

    private long now = 1; // 0 in a history is never
    private long second; // how long after their first use spans were used again, on average
    private long together; // uses of a span that are no further apart count as one

    /** {@return the time} */
    public long now() {
        return now;
    }

    /** Counts a use of a span that is about to come: it is not counted again when it does. */
    public void announce(SpanHistory span) {
        if (!span.isAnnounced()) {
            use(span, AccessMode.READ);
            span.announce(true);
        }
    }

    /** Counts a use of a span that may do anything with its bytes. */
    public void use(SpanHistory span) {
        use(span, AccessMode.READ_WRITE);
    }

    /**
     * Counts a use of a span.
     *
     * @param mode what it does with the bytes: what has to be copied in, and in the end home
     */
    public void use(SpanHistory span, AccessMode mode) {
        int ways = mode == AccessMode.READ_WRITE ? 2 : 1;
        long at = now;
        long last = span.lastUse();
        if (at < last) { // a thread that was slow has set it back
            at = last;
            now = last;
        }
        if (span.isAnnounced()) {
            span.announce(false);
            span.goOn(ways);
            return;
        }
        if (last != 0 && at - last <= together) {
            span.goOn(ways);
            return;
        }
        at++;
        now = at;
        if (last == 0) {
            span.begin(at, ways);
            return;
        }
        long interval = at - last;
        if (span.uses() == 1) {
            second = second == 0 ? interval : second + (interval - second) / WEIGHT;
        }
        span.use(at, interval, ways);
    }

    /**
     * Says how many spans are on the device. Uses of a span with fewer than a sixteenth of that
     * many others between them count as one.
     */
    public void resident(int spans) {
        together = spans / 16;
    }

    /** {@return how long it takes until a span is used for the second time; 0 if none was} */
    long second() {
        return second;
    }
}
