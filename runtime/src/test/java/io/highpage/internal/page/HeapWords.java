// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import java.util.concurrent.atomic.AtomicLongArray;

/** The on-heap twin of {@link OffHeapWords}: what tools that explore interleavings can see. */
final class HeapWords extends Words {
    private final AtomicLongArray words;

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
}
