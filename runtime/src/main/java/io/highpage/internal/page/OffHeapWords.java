// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** Words in native memory, as {@code native/include/highpage.h} lays them out. */
public final class OffHeapWords extends Words {
    /**
     * The buffer word has a cache line of its own: whole-buffer pins do not disturb the first
     * pages. It is the last of that line, so that every index has its place by one multiplication.
     */
    public static final long PAGES_OFFSET = 64;

    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

    /**
     * All memory: a constant, so that the compiler knows the answer to every check but the one for
     * sign.
     */
    @SuppressWarnings("restricted")
    private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private final MemorySegment table;
    private final long address;

    /**
     * Views zeroed memory as words.
     *
     * @param table {@link #byteSize} bytes, aligned to 8
     */
    public OffHeapWords(MemorySegment table) {
        this.table = table;
        this.address = table.address();
    }

    /** {@return the bytes that a table of so many pages takes} */
    public static long byteSize(long pageCount) {
        return PAGES_OFFSET + (PageTable.wordCount(pageCount) - 1) * Long.BYTES;
    }

    private static long offset(long index) {
        return PAGES_OFFSET - Long.BYTES + index * Long.BYTES;
    }

    @Override
    public long acquire(long index) {
        return (long) WORD.getAcquire(table, offset(index));
    }

    @Override
    public boolean compareAndSet(long index, long expected, long next) {
        return WORD.compareAndSet(table, offset(index), expected, next);
    }

    @Override
    public void release(long index, long next) {
        WORD.setRelease(table, offset(index), next);
    }

    private long mapped(long index) {
        assert table.scope().isAlive() && index >= 0 && offset(index) < table.byteSize()
                : "word " + index;
        return address + offset(index);
    }

    @Override
    public long mappedAcquire(long index) {
        return (long) WORD.getAcquire(MEMORY, mapped(index));
    }

    @Override
    public boolean mappedCompareAndSet(long index, long expected, long next) {
        return WORD.compareAndSet(MEMORY, mapped(index), expected, next);
    }

    @Override
    public void mappedRelease(long index, long next) {
        WORD.setRelease(MEMORY, mapped(index), next);
    }
}
