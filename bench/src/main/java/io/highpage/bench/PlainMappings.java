// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import static io.highpage.bindings.linux.linux_h.MADV_NOHUGEPAGE;

import io.highpage.bindings.linux.linux_h;
import io.highpage.device.PageRuns;
import io.highpage.internal.os.HostMemory;
import io.highpage.internal.os.LinuxMemory;
import io.highpage.outcome.Verification;

import java.lang.foreign.MemorySegment;

/**
 * Host memory in base pages only, whatever the system's policy on huge pages, and a count of what
 * was mapped.
 */
final class PlainMappings implements HostMemory {
    private final HostMemory memory = LinuxMemory.INSTANCE;
    private long mappedBytes;

    @Override
    public MemorySegment map(long byteSize, long alignment, boolean hugePages) {
        MemorySegment mapped = memory.map(byteSize, alignment, false);
        // A kernel without huge pages refuses.
        int ignored = linux_h.madvise(mapped, byteSize, MADV_NOHUGEPAGE());
        mappedBytes += byteSize;
        return mapped;
    }

    /** {@return the bytes of address space that were mapped since this was made} */
    long mappedBytes() {
        return mappedBytes;
    }

    @Override
    public void unmap(MemorySegment mapped) {
        memory.unmap(mapped);
    }

    @Override
    public void commit(MemorySegment window, PageRuns runs) {
        memory.commit(window, runs);
    }

    @Override
    public boolean discard(MemorySegment window, PageRuns runs) {
        return memory.discard(window, runs);
    }

    @Override
    public void checkLockable(long byteSize) {
        memory.checkLockable(byteSize);
    }

    @Override
    public void lock(MemorySegment mapped) {
        memory.lock(mapped);
    }

    @Override
    public void unlock(MemorySegment mapped) {
        memory.unlock(mapped);
    }

    @Override
    public Verification verifyLocked(MemorySegment mapped) {
        return memory.verifyLocked(mapped);
    }
}
