// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

/** What a plan has for the runs of one call. Needs no driver. */
class CopyPlanTest {
    private static final CopyPlan PLAN = new CopyPlan(
            List.of(
                    new CopyPlan.Step(0, CopyWay.BLOCKING, CopyWay.STRAIGHT),
                    new CopyPlan.Step(64L << 10, CopyWay.MAPPED, CopyWay.STRAIGHT),
                    new CopyPlan.Step(8L << 20, CopyWay.MAPPED)),
            CopyWay.STRAIGHT);

    @ParameterizedTest
    @CsvSource({
        "1, 0, BLOCKING",
        "1, 65535, BLOCKING",
        "1, 65536, MAPPED",
        "2, 4096, STRAIGHT",
        "2, 65536, STRAIGHT",
        "1000, 8388607, STRAIGHT",
        "2, 8388608, MAPPED",
    })
    void runs_goTheWayOfTheirLength_andSeveralAWayOfTheirOwn(int count, long bytes, CopyWay way) {
        assertThat(PLAN.way(count, bytes)).isEqualTo(way);
    }

    @Test
    void words_tellBoth() {
        assertThat(PLAN.words())
                .isEqualTo("blocking (several: straight), from 64 KiB mapped (several: straight),"
                        + " from 8 MiB mapped");
    }

    @Test
    void wayThatIsAskedFor_isTaken_comeWhatMay() {
        assertThat(CopyPlan.only(CopyWay.MAPPED).way(256, 4096)).isEqualTo(CopyWay.MAPPED);
    }
}
