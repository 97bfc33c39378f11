// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

/**
 * When a span was used on one device. Each span has one for each device, from its first use there
 * until its buffer closes: also while it is not there, so what comes back is known.
 *
 * <p>Fields are plain and written by whoever uses the span. Two at once may mix their numbers: the
 * expectation is off for a few uses, and no number is ever more than a guess.
 */
public final class SpanHistory {
    private long uses;
    private long last;
    private long interval; // between the last two uses
    private long earlier; // between those before

    long last() {
        return last;
    }

    void use(long now) {
        uses++;
        earlier = interval;
        interval = last == 0 ? 0 : now - last;
        last = now;
    }

    /** {@return how often it was used} */
    public long uses() {
        return uses;
    }

    /** {@return when it was used last; 0 if never} */
    public long lastUse() {
        return last;
    }

    /** {@return when it is likely to be used next} */
    public long expectedUse(UseClock clock) {
        return last + (interval == 0 ? clock.typical() : interval);
    }
}
