// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

/**
 * The seam through which the protocol touches its words: off-heap in use, on the heap for tools that explore interleavings.
 * Index 0 is the buffer word, page {@code i} is at {@code 1 + i}.
 */
public abstract class Words {

    /** Reads with acquire: what was written before the matching release or compare-and-set is visible afterwards. */
    public abstract long acquire(long index);

    /** Compare-and-set with volatile semantics: the only way out of a state that threads share. */
    public abstract boolean compareAndSet(long index, long expected, long next);

    /** Writes with release: how the owner of a moving state leaves it after the copy is complete. */
    public abstract void release(long index, long next);
}
