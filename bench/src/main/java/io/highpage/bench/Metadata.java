// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import com.sun.management.ThreadMXBean;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.internal.os.ProcFile;

import java.lang.management.ManagementFactory;
import java.util.stream.LongStream;

/**
 * Question: what does a page cost in memory?
 *
 * <p>Hypothesis: 8 bytes in the page table, and nothing on the Java heap, neither by allocating a
 * buffer nor by moving and pinning its pages. Counted, not estimated: the bytes by which the
 * address space of the process grows for a buffer beyond its window, as the kernel tells, and the
 * bytes that the thread allocates on the heap.
 */
public final class Metadata {
    private static final long PAGE_BYTES = 4096;
    private static final double SMALLEST_OBJECT_BYTES = 16;

    /** The JVM maps and unmaps memory too, now and then: the middle one of so many counts. */
    private static final int TIMES = 5;

    private Metadata() {}

    /**
     * Counts for a buffer that is never touched, so that it needs address space only.
     *
     * @param pages number of pages
     * @return mapped bytes beyond the window, to 8 a page and 8 for the buffer
     */
    public static Quantity table(long pages) {
        try (Highpage hp = Highpage.builder().device(HostDevice.coherent(1)).open()) {
            long table = LongStream.generate(() -> mappedBeyondTheWindow(hp, pages))
                    .limit(TIMES)
                    .sorted()
                    .skip(TIMES / 2)
                    .findFirst()
                    .orElseThrow();
            return new Quantity(
                    "metadata.table",
                    (double) table / (Long.BYTES * (pages + 1)),
                    "of 8 bytes a page and 8",
                    table + " bytes for " + pages + " pages");
        }
    }

    private static long mappedBeyondTheWindow(Highpage hp, long pages) {
        long before = addressSpaceBytes();
        try (PageBuffer buffer = hp.allocate(pages * PAGE_BYTES)) {
            return addressSpaceBytes() - before - buffer.byteSize();
        }
    }

    private static long addressSpaceBytes() {
        return ProcFile.statusBytes("VmSize:").orElseThrow();
    }

    /**
     * Counts for a buffer that is allocated, written, moved to a device, pinned page by page and as
     * a whole.
     *
     * @param pages number of pages
     * @return objects a page, at most
     */
    public static Quantity javaObjects(long pages) {
        long fewer = pages / 4; // more than a batch, whose scratch is the same for all
        use(fewer); // classes load now
        long bytes = use(pages) - use(fewer);
        return new Quantity(
                "metadata.javaObjects",
                Math.max(bytes, 0) / SMALLEST_OBJECT_BYTES / (pages - fewer),
                "objects a page, if all are of the smallest size",
                bytes + " bytes more for " + pages + " pages than for " + fewer);
    }

    private static long use(long pages) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Highpage hp = Highpage.builder()
                .device(HostDevice.coherent(pages * PAGE_BYTES))
                .open()) {
            long before = threads.getCurrentThreadAllocatedBytes();
            try (PageBuffer buffer = hp.allocate(pages * PAGE_BYTES)) {
                buffer.fill((byte) 1);
                Buffers.toDevice(buffer, hp);
                buffer.range(0, buffer.byteSize() - PAGE_BYTES)
                        .pin(Pin.longTerm())
                        .close();
                buffer.pin(Pin.longTerm()).close();
            }
            return threads.getCurrentThreadAllocatedBytes() - before;
        }
    }
}
