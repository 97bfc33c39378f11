// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.MoveReport;

import java.time.Duration;

/** Buffers as the benchmarks need them. */
final class Buffers {
    /** What a migration moves at once. */
    private static final long PART_BYTES = 32L << 20;

    /** How long a pin may wait while {@link #thereAndHome} holds its page: longer than it does. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private Buffers() {}

    /**
     * {@return a buffer whose pages are all at home and written, so that no measurement pays for
     * page faults}
     */
    static PageBuffer atHome(Highpage hp, long byteSize, long pageBytes) {
        PageBuffer buffer = hp.allocate(byteSize, pageBytes);
        buffer.fill((byte) 1);
        return buffer;
    }

    /**
     * Brings pages to the device as after a kernel that wrote: their homes are not valid, so that
     * coming home costs a copy.
     */
    static void toDevice(PageRange range, Highpage hp) {
        range.access(hp.device(), AccessMode.READ_WRITE).close();
    }

    /**
     * Brings a buffer to the coherent device and home, copying both ways, as far as others leave it
     * free: they may hold and, if they wait, pin all the while.
     *
     * @return what came home
     */
    static MoveReport thereAndHome(PageBuffer buffer, Highpage hp) {
        buffer.prefetch(hp.device());
        // As if it was written there: a hold waits for nobody's hold or pin, as an access would,
        // and whoever pins meanwhile waits for one part of the buffer only.
        for (long offset = 0; offset < buffer.byteSize(); offset += PART_BYTES) {
            long bytes = Math.min(PART_BYTES, buffer.byteSize() - offset);
            buffer.range(offset, bytes).hold().close();
        }
        return buffer.evict();
    }
}
