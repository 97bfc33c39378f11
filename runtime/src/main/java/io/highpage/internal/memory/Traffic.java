// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.internal.outcome.CountedTraffic;
import io.highpage.outcome.DeviceTraffic;

import java.util.concurrent.atomic.LongAdder;

/** Counts what moves to and from a device, by batches and by spans. Thread-safe. */
final class Traffic {
    /** Before so many times the room have moved, it may be a phase. */
    private static final long PHASE = 64;

    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder copiesIn = new LongAdder();
    private final LongAdder copiesOut = new LongAdder();
    private final LongAdder spansEvicted = new LongAdder();
    private final LongAdder spansEvictedFree = new LongAdder();
    private final LongAdder bytesEvicted = new LongAdder();
    private final LongAdder bytesEvictedFree = new LongAdder();

    void in(long bytes) {
        bytesIn.add(bytes);
        copiesIn.increment();
    }

    void out(long bytes) {
        bytesOut.add(bytes);
        copiesOut.increment();
    }

    /**
     * Counts a span that left to make room.
     *
     * @param bytes of the pages that it had on the device
     * @param copied those that had to be copied home
     */
    void evicted(long bytes, long copied) {
        spansEvicted.increment();
        if (copied == 0) {
            spansEvictedFree.increment();
        }
        bytesEvicted.add(bytes);
        bytesEvictedFree.add(bytes - copied);
    }

    /**
     * {@return whether nearly every use of a span brings it in and another one out, which moves
     * twice what is used}
     *
     * @param room bytes that the device has
     * @param uses how often spans were used there
     */
    boolean isMuch(long room, long uses) {
        DeviceTraffic sum = sum();
        long moved = sum.bytesIn() + sum.bytesOut();
        double used = (double) uses * sum.bytesEvicted() / sum.spansEvicted();
        return moved / PHASE >= room && moved > 1.5 * used;
    }

    /** {@return what has been counted} */
    DeviceTraffic sum() {
        return new CountedTraffic(
                bytesIn.sum(),
                bytesOut.sum(),
                copiesIn.sum(),
                copiesOut.sum(),
                spansEvicted.sum(),
                spansEvictedFree.sum(),
                bytesEvicted.sum(),
                bytesEvictedFree.sum());
    }
}
