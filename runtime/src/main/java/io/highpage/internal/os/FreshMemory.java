// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import io.highpage.device.PageRuns;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Mapped memory that is to be written without asking anybody for it first: asks once for each part,
 * since where there is none a store would end the process. Thread-safe.
 */
public final class FreshMemory {
    private static final long PART_BYTES = 2L << 20;

    private final MemorySegment memory;
    private final AtomicLongArray committed; // a bit a part

    /** As mapped by {@link LinuxMemory}. */
    public FreshMemory(MemorySegment memory) {
        this.memory = memory;
        this.committed = new AtomicLongArray(
                Math.toIntExact(memory.byteSize() / PART_BYTES / Long.SIZE + 1));
    }

    /**
     * Makes sure that runs have memory behind them.
     *
     * @param base where offset 0 of the runs is
     * @throws io.highpage.outcome.OutOfPageMemoryException if there is not enough
     */
    public void commit(long base, PageRuns runs) {
        for (int run = 0; run < runs.count(); run++) {
            long start = base + runs.offset(run);
            for (long part = start / PART_BYTES;
                    part * PART_BYTES < start + runs.bytes(run);
                    part++) {
                if (!isCommitted(part)) {
                    long end = freshEnd(part, start + runs.bytes(run));
                    long from = part * PART_BYTES;
                    long bytes = Math.min(end * PART_BYTES, memory.byteSize()) - from;
                    LinuxMemory.INSTANCE.commit(memory.asSlice(from, bytes), runs.threads());
                    for (long done = part; done < end; done++) {
                        long bit = 1L << done;
                        // ORD volatile: the memory is there before its bit; pairs with
                        // isCommitted() and itself.
                        committed.getAndUpdate((int) (done / Long.SIZE), bits -> bits | bit);
                    }
                }
            }
        }
    }

    private boolean isCommitted(long part) {
        return (committed.get((int) (part / Long.SIZE)) >> part & 1) == 1;
    }

    /** {@return the first part behind that one which is committed or of which nothing is wanted} */
    private long freshEnd(long part, long wanted) {
        long end = part + 1;
        while (end * PART_BYTES < wanted && !isCommitted(end)) {
            end++;
        }
        return end;
    }
}
