// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is counted of a device, and when that is too much. */
class TrafficTest {
    private static final long SPAN = 2 << 20;
    private static final long ROOM = 4 * SPAN;

    private final Traffic traffic = new Traffic();

    /** Each round a span comes, another one leaves, and so many uses of spans are made. */
    private boolean isMuchAfter(int rounds, long usesOfEach, boolean copied) {
        for (int round = 0; round < rounds; round++) {
            traffic.in(SPAN);
            if (copied) {
                traffic.out(SPAN);
            }
            traffic.evicted(SPAN, copied ? SPAN : 0);
        }
        return traffic.isMuch(ROOM, rounds * usesOfEach);
    }

    @Test
    void everyUseThatMovesTwoSpans_isMuch_onceItHasGoneOn() {
        assertThat(isMuchAfter(64, 1, true)).as("a phase").isFalse();
        assertThat(isMuchAfter(256, 1, true)).isTrue();
        assertThat(traffic.sum().toString())
                .isEqualTo(320 * SPAN + " bytes in, " + 320 * SPAN + " out; 320 spans evicted with "
                        + 320 * SPAN + " bytes, 0 of them without a copy");
    }

    @Test
    void spansThatAreUsedTwiceBeforeTheyLeave_areNot() {
        assertThat(isMuchAfter(600, 2, true)).isFalse();
    }

    @Test
    void spansThatLeaveWithoutACopy_areNot() {
        assertThat(isMuchAfter(600, 1, false)).isFalse();
        assertThat(traffic.sum().bytesEvictedFree()).isEqualTo(600 * SPAN);
    }

    @Test
    void spanOfWhichAPartIsCopied_savesTheRest_andIsNotFree() {
        traffic.evicted(SPAN, 0);
        traffic.evicted(SPAN, SPAN / 2);
        traffic.evicted(SPAN, SPAN);

        assertThat(traffic.sum().spansEvictedFree()).isEqualTo(1);
        assertThat(traffic.sum().bytesEvictedFree()).isEqualTo(SPAN + SPAN / 2);
    }
}
