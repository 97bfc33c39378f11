// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import io.highpage.internal.page.OffHeapWords;
import io.highpage.internal.page.Words;

import java.lang.foreign.MemorySegment;

/**
 * Words whose compare-and-set is a comparison and then a store: what the protocol would be if it
 * trusted a look at a word. The weakened twins run the shipped code on them.
 */
final class CheckThenActWords extends Words {
    private final Words words;

    CheckThenActWords(MemorySegment table) {
        words = new OffHeapWords(table);
    }

    @Override
    public long acquire(long index) {
        return words.acquire(index);
    }

    @Override
    public boolean compareAndSet(long index, long expected, long next) {
        if (words.acquire(index) != expected) {
            return false;
        }
        Gap.widen();
        words.release(index, next);
        return true;
    }

    @Override
    public void release(long index, long next) {
        words.release(index, next);
    }
}
