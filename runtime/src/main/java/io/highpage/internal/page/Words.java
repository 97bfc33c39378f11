// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

/**
 * The seam through which the protocol touches its words: off-heap in use, on the heap for tools
 * that explore interleavings. Index 0 is the buffer word, page {@code i} is at {@code 1 + i};
 * behind the pages is a word for each region of them.
 *
 * <p>A table whose buffer is closed throws {@link IllegalStateException}. The methods named
 * {@code kept} are for callers that keep the buffer from closing, because they have a count or own
 * a moving page: they need not be asked whether the table is there, which is most of what an access
 * costs.
 */
public abstract class Words {

    /**
     * Reads with acquire: what was written before the matching release or compare-and-set is
     * visible afterwards.
     */
    public abstract long acquire(long index);

    /** Compare-and-set with volatile semantics: the only way out of a state that threads share. */
    public abstract boolean compareAndSet(long index, long expected, long next);

    /**
     * Writes with release: how the owner of a moving state leaves it after the copy is complete.
     */
    public abstract void release(long index, long next);

    /** As {@link #acquire}, of a table that the caller keeps open. */
    public long mappedAcquire(long index) {
        return acquire(index);
    }

    /** As {@link #compareAndSet}, of a table that the caller keeps open. */
    public boolean mappedCompareAndSet(long index, long expected, long next) {
        return compareAndSet(index, expected, next);
    }

    /** As {@link #release}, of a table that the caller keeps open. */
    public void mappedRelease(long index, long next) {
        release(index, next);
    }
}
