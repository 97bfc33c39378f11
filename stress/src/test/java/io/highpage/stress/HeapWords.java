// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import io.highpage.internal.page.Words;

import java.util.concurrent.atomic.AtomicLongArray;

/** The on-heap twin of the words, on which explorers see every access. */
class HeapWords extends Words {
    final AtomicLongArray words;

    HeapWords(int count) {
        words = new AtomicLongArray(count);
    }

    @Override
    public long acquire(long index) {
        return words.getAcquire((int) index);
    }

    @Override
    public boolean compareAndSet(long index, long expected, long next) {
        return words.compareAndSet((int) index, expected, next);
    }

    @Override
    public void release(long index, long next) {
        words.setRelease((int) index, next);
    }

    /** Weakened: the compare-and-set is a comparison and then a store. */
    static final class CheckThenAct extends HeapWords {
        CheckThenAct(int count) {
            super(count);
        }

        @Override
        public boolean compareAndSet(long index, long expected, long next) {
            if (acquire(index) != expected) {
                return false;
            }
            release(index, next);
            return true;
        }
    }
}
