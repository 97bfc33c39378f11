// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import io.highpage.internal.page.Words;

/** Changes words past the page table, which would refuse: for weakened twins. */
final class Unchecked {
    private Unchecked() {}

    static void add(Words words, long index, long delta) {
        long word;
        do {
            word = words.acquire(index);
        } while (!words.compareAndSet(index, word, word + delta));
    }
}
