// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.util.function.LongSupplier;

/** How many leaks an executor tells: a program that forgets forgets each time. Thread-safe. */
final class LeakLimit {
    static final int A_MINUTE = 16;
    private static final long MINUTE_NANOS = 60_000_000_000L;

    private final LongSupplier clock;
    private long begin;
    private int told;
    private long untold;

    /** @param clock nanoseconds, such as {@link System#nanoTime} */
    LeakLimit(LongSupplier clock) {
        this.clock = clock;
        begin = clock.getAsLong();
    }

    /** {@return whether one more may be told; it counts as told then, else as untold} */
    synchronized boolean take() {
        long now = clock.getAsLong();
        if (now - begin >= MINUTE_NANOS) {
            begin = now;
            told = 0;
        }
        if (told < A_MINUTE) {
            told++;
            return true;
        }
        untold++;
        return false;
    }

    /** {@return how many were not told; they are told with this} */
    synchronized long takeUntold() {
        long count = untold;
        untold = 0;
        return count;
    }
}
