// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

/**
 * The time of one device, for {@link SpanHistory}: it goes on by one with each use of another span.
 *
 * <p>Plain fields, since every access looks at them: two that use spans at once may both give their
 * uses the same time, or lose a tick. Histories then are a little off, and a span that is used
 * again soon may leave; no more rests on them. A span that is used over and over does not write at
 * all.
 */
public final class UseClock {
    private long now = 1; // 0 in a history is never
    private long typical; // how long after its last use a span was used again, on average
    private long together; // uses of a span that are no further apart count as one

    /** {@return the time} */
    public long now() {
        return now;
    }

    /** Counts a use of a span. */
    public void use(SpanHistory span) {
        long at = now;
        long last = span.last();
        if (last != 0 && at - last <= together) {
            return;
        }
        at++;
        now = at;
        if (last != 0) {
            long interval = at - last;
            typical = typical == 0 ? interval : typical + (interval - typical) / 8;
        }
        span.use(at);
    }

    /**
     * Says how many spans are on the device. Uses of the same span within a sixteenth of that many
     * others count as one: so threads that use a few spans in turn do not write to this clock.
     */
    public void resident(int spans) {
        together = spans / 16;
    }

    long typical() {
        return typical;
    }
}
