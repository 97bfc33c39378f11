// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.outcome.AccessMode;

/** Buffers as the benchmarks need them. */
final class Buffers {
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
}
