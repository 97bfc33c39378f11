// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

/** What a plan has for the runs of one call. Needs no driver. */
class CopyPlanTest {
    /** So long that several of them are as well waited for one after the other. */
    private static final long LONG = 8L << 20;

    @ParameterizedTest
    @CsvSource({
        "STRAIGHT, BLOCKING, BLOCKING, STRAIGHT",
        "STRAIGHT, MAPPED, MAPPED, STRAIGHT",
        "STRAIGHT, STAGED, STAGED, STAGED", // which overlap by themselves
        "BLOCKING, MAPPED, MAPPED, MAPPED", // straight copies are not right there
        ", MAPPED, MAPPED, MAPPED"
    })
    void severalShortRuns_areBegunTogether_whereThatIsRight(
            @Nullable CopyWay direct, CopyWay way, CopyWay one, CopyWay several) {
        CopyPlan plan = new CopyPlan(List.of(new CopyPlan.Step(0, way)), direct);
        assertThat(plan.way(1, 4096)).isEqualTo(one);
        assertThat(plan.way(2, 4096)).isEqualTo(several);
        assertThat(plan.way(2, LONG - 1)).isEqualTo(several);
        assertThat(plan.way(2, LONG)).isEqualTo(one);
    }

    @Test
    void wayThatIsAskedFor_isTaken_comeWhatMay() {
        assertThat(CopyPlan.only(CopyWay.MAPPED).way(256, 4096)).isEqualTo(CopyWay.MAPPED);
    }
}
