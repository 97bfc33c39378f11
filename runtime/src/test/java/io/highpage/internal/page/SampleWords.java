// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import java.util.stream.LongStream;

/**
 * Page words of every kind: all states, counts of 0, 1 and the most there can be, all flags, three
 * devices.
 */
final class SampleWords {
    static final int[] COUNTS = {0, 1, (int) PageWord.COUNT_MAX};
    static final int[] DEVICES = {0, 1, PageWord.DEVICES_MAX};
    static final int[] COUNT_SHIFTS = {
        PageWord.PINS_SHIFT, PageWord.HOLDS_SHIFT, PageWord.ACCESSES_SHIFT
    };

    private SampleWords() {}

    static long word(int state, int pins, int holds, int accesses, int device, int flags) {
        return state
                | (long) pins << PageWord.PINS_SHIFT
                | (long) holds << PageWord.HOLDS_SHIFT
                | (long) accesses << PageWord.ACCESSES_SHIFT
                | (long) device << PageWord.DEVICE_SHIFT
                | (long) flags << PageWord.FLAGS_SHIFT;
    }

    static long[] all() {
        LongStream.Builder words = LongStream.builder();
        for (int state = 0; state < PageWord.STATES; state++) {
            for (int pins : COUNTS) {
                for (int holds : COUNTS) {
                    for (int accesses : COUNTS) {
                        for (int device : DEVICES) {
                            for (int flags = 0; flags < 8; flags++) {
                                words.add(word(state, pins, holds, accesses, device, flags));
                            }
                        }
                    }
                }
            }
        }
        return words.build().toArray();
    }
}
