// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.work;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Which way is taken: no test measures anything, each says how long the works took. */
class SharingTest {
    private static final int PARTS = 16;
    private static final long ALONE = 1_600_000;
    private static final long SLICE = 4_000_000;
    private static final int RUNS = 20_000;

    private final Sharing sharing = new Sharing();
    private final Random random = new Random(13);

    /** How long shared work takes, in nanoseconds, and how long of that the caller waits. */
    private interface Cost {
        long[] next();
    }

    /** {@return how long it all took, where work alone takes {@link #ALONE}} */
    private long total(int runs, Cost shared) {
        long total = 0;
        for (int run = 0; run < runs; run++) {
            boolean isShared = sharing.isNextShared(PARTS);
            long[] cost = isShared ? shared.next() : new long[] {ALONE, 0};
            sharing.ended(PARTS, isShared, cost[0], cost[1]);
            total += cost[0];
        }
        return total;
    }

    private static Cost always(long nanos) {
        return () -> new long[] {nanos, 0};
    }

    private double ratio(Cost shared) {
        return total(RUNS, shared) / ((double) RUNS * ALONE);
    }

    @Test
    void eachWayIsTriedAtFirst() {
        List<Boolean> ways = new ArrayList<>();
        for (int run = 0; run < 2 * Sharing.FIRST_RUNS; run++) {
            boolean isShared = sharing.isNextShared(PARTS);
            sharing.ended(PARTS, isShared, ALONE, 0);
            ways.add(isShared);
        }

        assertThat(ways).filteredOn(isShared -> isShared).hasSize(Sharing.FIRST_RUNS);
    }

    @Test
    void whatPaysIsShared() {
        assertThat(ratio(always(ALONE / 2))).isLessThan(0.53);
    }

    @Test
    void coldRunsAreForgotten() {
        total(1, always(100 * ALONE));

        assertThat(ratio(always(ALONE / 2))).isLessThan(0.53);
    }

    @Test
    void whatGainsLittleLeavesTheOtherCoresToTheProgram() {
        total(2 * Sharing.FIRST_RUNS, always(ALONE * 97 / 100));

        assertThat(sharing.isNextShared(PARTS)).isFalse();
    }

    @Test
    void whatIsSlowerCostsNextToNothing() {
        assertThat(ratio(always(ALONE * 5 / 4))).isLessThan(1.03);
        assertThat(ratio(always(100 * ALONE))).isLessThan(1.03);
    }

    /** The helper's core is another thread's too: mostly it helps, now and then it is gone. */
    @Test
    void helpersThatLoseTheirCoreCostNextToNothing() {
        for (int seldom : List.of(2, 4, 6, 10, 20, 40)) {
            Cost busy = () -> random.nextInt(seldom) == 0
                    ? new long[] {ALONE / 2 + SLICE, SLICE}
                    : new long[] {ALONE / 2, 0};

            assertThat(ratio(busy)).as("one of %d", seldom).isLessThan(1.03);
        }
    }

    /** It says nothing about sharing. */
    @Test
    void aCallerThatLosesItsCoreSharesAllTheSame() {
        Cost busy = () -> new long[] {random.nextInt(4) == 0 ? ALONE / 2 + SLICE : ALONE / 2, 0};

        total(RUNS / 10, busy);
        assertThat(total(RUNS, busy)).isLessThan(RUNS * (ALONE * 6 / 10 + SLICE / 4));
    }

    @Test
    void whatBecomesFasterIsFoundOut() {
        total(RUNS, always(4 * ALONE));
        total(RUNS / 10, always(ALONE / 2));

        assertThat(total(RUNS, always(ALONE / 2))).isLessThan(RUNS * ALONE * 53 / 100);
    }

    /** One trial that is not slower is followed by another: it has cost nothing. */
    @Test
    void helpersWhoseCoreIsFreeAgainAreFoundOutByOneTrial() {
        int untilTried = Sharing.TRIED_AFTER * 4;
        total(RUNS, () -> new long[] {ALONE / 2 + SLICE, SLICE});
        total(untilTried, always(ALONE / 2));

        assertThat(total(100, always(ALONE / 2))).isLessThan(100 * ALONE * 53 / 100);
    }

    @Test
    void sizesDoNotKnowOfEachOther() {
        total(RUNS, always(4 * ALONE));

        assertThat(sharing.isNextShared(2 * PARTS)).isTrue();
    }

    @Test
    void aRangeIsDoneOnceInEitherWay() {
        for (int run = 0; run < 4 * Sharing.FIRST_RUNS; run++) {
            byte[] done = new byte[1000];
            sharing.forEachPart(SharedWork.threads(), done.length, 64, (from, bytes) -> {
                for (long at = from; at < from + bytes; at++) {
                    done[(int) at]++;
                }
            });

            assertThat(done).containsOnly(1);
        }
    }
}
