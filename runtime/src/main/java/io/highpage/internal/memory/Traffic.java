// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.internal.outcome.CountedTraffic;
import io.highpage.outcome.DeviceTraffic;

import java.util.concurrent.atomic.LongAdder;

/** Counts what moves to and from a device, by batches and by spans. Thread-safe. */
public final class Traffic {
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder spansEvicted = new LongAdder();
    private final LongAdder bytesEvicted = new LongAdder();
    private final LongAdder bytesEvictedFree = new LongAdder();

    void in(long bytes) {
        bytesIn.add(bytes);
    }

    void out(long bytes) {
        bytesOut.add(bytes);
    }

    /**
     * Counts a span that left to make room.
     *
     * @param bytes of the pages that it had on the device
     * @param copied those that had to be copied home
     */
    public void evicted(long bytes, long copied) {
        spansEvicted.increment();
        bytesEvicted.add(bytes);
        bytesEvictedFree.add(bytes - copied);
    }

    /** {@return what has been counted} */
    public DeviceTraffic sum() {
        return new CountedTraffic(
                bytesIn.sum(),
                bytesOut.sum(),
                spansEvicted.sum(),
                bytesEvicted.sum(),
                bytesEvictedFree.sum());
    }
}
