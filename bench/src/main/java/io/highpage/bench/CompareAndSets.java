// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Two bare compare-and-sets a page on an off-heap table of 64-bit words, the same kind of memory as
 * the page table: what a pin and unpin that counts in place costs at least.
 */
final class CompareAndSets implements AutoCloseable {
    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();
    private static final long ONE = 16;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment table;
    private final long pages;

    CompareAndSets(long pages) {
        this.pages = pages;
        this.table = Memory.likeATable(pages * Long.BYTES, arena);
    }

    /** {@return the table} */
    MemorySegment memory() {
        return table;
    }

    /** Up and down again on one page. */
    boolean one(long page) {
        long offset = page * Long.BYTES;
        return WORD.compareAndSet(table, offset, 0L, ONE)
                & WORD.compareAndSet(table, offset, ONE, 0L);
    }

    /** As {@link #one}, where other threads may do the same. */
    boolean oneContended(long page) {
        return add(page, ONE) & add(page, -ONE);
    }

    private boolean add(long page, long delta) {
        long offset = page * Long.BYTES;
        long word;
        do {
            word = (long) WORD.getAcquire(table, offset);
        } while (!WORD.compareAndSet(table, offset, word, word + delta));
        return true;
    }

    /** Up on every page, then down on every page, as a pin and its close do. */
    boolean all() {
        return all(0L, ONE) & all(ONE, 0L);
    }

    private boolean all(long from, long to) {
        boolean done = true;
        for (long page = 0; page < pages; page++) {
            done &= WORD.compareAndSet(table, page * Long.BYTES, from, to);
        }
        return done;
    }

    @Override
    public void close() {
        arena.close();
    }
}
