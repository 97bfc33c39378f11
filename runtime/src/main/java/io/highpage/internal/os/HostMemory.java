// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import io.highpage.device.PageRuns;
import io.highpage.outcome.Verification;

import java.lang.foreign.MemorySegment;

/**
 * The host memory of windows and tables: every system call that the runtime makes for memory. One
 * implementation asks the kernel; tests put one that fails in front of it.
 */
public interface HostMemory {
    /** The size of a huge page on x86-64, and on ARM with base pages of 4 KiB. */
    long USUAL_HUGE_PAGE_BYTES = 2L << 20;

    /** {@return the size of a huge page of this system, in bytes} */
    default long hugePageBytes() {
        return USUAL_HUGE_PAGE_BYTES;
    }

    /**
     * {@return from which size on huge pages are worth it: four of them, so that rounding wastes at
     * most a quarter}
     */
    default long hugeMappingBytes() {
        return 4 * hugePageBytes();
    }

    /**
     * As {@link #map(long, long, boolean)}, with huge pages if they are worth it: what page tables
     * get.
     */
    default MemorySegment map(long byteSize) {
        boolean huge = byteSize >= hugeMappingBytes();
        return map(byteSize, huge ? hugePageBytes() : 1, huge);
    }

    /**
     * As {@link #map(long, long, boolean)}, for a buffer's window: aligned to its pages, and so
     * that {@link #commit} can give huge pages to what is committed in such sizes.
     */
    default MemorySegment mapWindow(long byteSize, long pageBytes) {
        long alignment =
                byteSize >= hugeMappingBytes() ? Math.max(pageBytes, hugePageBytes()) : pageBytes;
        return map(byteSize, alignment, pageBytes >= hugePageBytes());
    }

    /**
     * Reserves anonymous zeroed memory. Nothing is committed yet.
     *
     * @param byteSize number of bytes
     * @param alignment a power of two; the memory is aligned to the base page at least
     * @param hugePages whether huge pages are wanted from the first byte on, if the system has them
     * @return the memory, without a lifetime
     * @throws io.highpage.outcome.OutOfPageMemoryException if the kernel refuses
     */
    MemorySegment map(long byteSize, long alignment, boolean hugePages);

    /** Gives memory back. */
    void unmap(MemorySegment memory);

    /**
     * Makes sure that runs have memory behind them, so that a later store cannot fail. Bytes stay
     * as they are. A run gets huge pages where it covers half of one or more, and base pages
     * elsewhere: at most twice its bytes.
     *
     * @throws io.highpage.outcome.OutOfPageMemoryException if there is not enough
     */
    void commit(MemorySegment window, PageRuns runs);

    /**
     * Gives the memory behind runs up: it reads as zero from then on, and has to be committed again
     * before it is used.
     *
     * @return false if the kernel refuses, as for what is page-locked; a part may be given up then
     */
    boolean discard(MemorySegment window, PageRuns runs);

    /**
     * Checks, as far as it can be known beforehand, that so much more can be page-locked.
     *
     * @throws io.highpage.outcome.OutOfPageMemoryException if it surely cannot; says what it would
     *     take
     */
    void checkLockable(long byteSize);

    /**
     * Page-locks memory none of which is page-locked, all of it or nothing.
     *
     * @throws io.highpage.outcome.OutOfPageMemoryException if the kernel refuses; says what it
     *     would take
     */
    void lock(MemorySegment memory);

    /**
     * Takes the page-lock back.
     *
     * @throws io.highpage.outcome.OutOfPageMemoryException if the kernel refuses; some of it may be
     *     page-locked then
     */
    void unlock(MemorySegment memory);

    /** {@return whether the kernel reports every page of the memory as page-locked} */
    Verification verifyLocked(MemorySegment memory);
}
