// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit;

import io.highpage.internal.page.OffHeapWords;
import io.highpage.internal.page.Words;

import java.util.concurrent.atomic.AtomicLongArray;

/** The on-heap twin of {@link OffHeapWords}: what tools that explore interleavings can see. */
public class HeapWords extends Words {
    private final AtomicLongArray words;

    public HeapWords(int count) {
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
