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

    /**
     * Reserves anonymous zeroed memory. Nothing is committed yet.
     *
     * @param byteSize number of bytes
     * @param alignment a power of two
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
