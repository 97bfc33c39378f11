// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.Verification;
import io.highpage.device.PageRuns;
import java.lang.foreign.MemorySegment;

/**
 * The host memory of windows and tables: every system call that the runtime makes for memory. One implementation asks the
 * kernel; tests put one that fails in front of it.
 */
public interface HostMemory {
    /** The usual size of a huge page on x86-64 and ARM. */
    long HUGE_PAGE_BYTES = 2L << 20;

    /** From this size on huge pages are worth it: four of them, so that rounding wastes at most a quarter. */
    long HUGE_MAPPING_BYTES = 4 * HUGE_PAGE_BYTES;

    /**
     * As {@link #map(long, long, boolean)}, with huge pages if the memory is large enough to gain from them: what windows and
     * page tables get.
     */
    default MemorySegment map(long byteSize) {
        boolean huge = byteSize >= HUGE_MAPPING_BYTES;
        return map(byteSize, huge ? HUGE_PAGE_BYTES : 1, huge);
    }

    /**
     * Reserves anonymous zeroed memory. Nothing is committed yet.
     *
     * @param byteSize number of bytes
     * @param alignment a power of two; the memory is aligned to the base page at least
     * @param hugePages whether huge pages are wanted, if the system has them
     * @return the memory, without a lifetime
     * @throws io.highpage.OutOfPageMemoryException if the kernel refuses
     */
    MemorySegment map(long byteSize, long alignment, boolean hugePages);

    /** Gives memory back. */
    void unmap(MemorySegment memory);

    /**
     * Makes sure that runs have memory behind them, so that a later store cannot fail. Bytes stay as they are.
     *
     * @throws io.highpage.OutOfPageMemoryException if there is not enough
     */
    void commit(MemorySegment window, PageRuns runs);

    /**
     * Checks, as far as it can be known beforehand, that so much more can be page-locked.
     *
     * @throws io.highpage.OutOfPageMemoryException if it surely cannot; says what it would take
     */
    void checkLockable(long byteSize);

    /**
     * Page-locks memory none of which is page-locked, all of it or nothing.
     *
     * @throws io.highpage.OutOfPageMemoryException if the kernel refuses; says what it would take
     */
    void lock(MemorySegment memory);

    /** Takes the page-lock back. */
    void unlock(MemorySegment memory);

    /** {@return whether the kernel reports every page of the memory as page-locked} */
    Verification verifyLocked(MemorySegment memory);
}
