// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import io.highpage.testkit.HeapWords;

/** Weakened: the compare-and-set is a comparison and then a store. */
final class CheckThenActHeapWords extends HeapWords {
    CheckThenActHeapWords(int count) {
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
