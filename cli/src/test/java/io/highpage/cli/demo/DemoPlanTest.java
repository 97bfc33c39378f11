// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.cli.console.UserError;
import io.highpage.cli.demo.DemoPlan.Limits;
import io.highpage.cli.demo.DemoPlan.Round;

import org.junit.jupiter.api.Test;

class DemoPlanTest {
    private static final long PAGE = 4096;
    private static final long MIB = 1 << 20;

    private static DemoPlan plan(long fileBytes, long deviceBytes, long hostBytes) {
        Limits limits = new Limits("device", deviceBytes, deviceBytes);
        return DemoPlan.of(fileBytes, PAGE, limits, hostBytes);
    }

    @Test
    void whatTheHostHasRoomForIsOneRound() {
        DemoPlan plan = plan(10_001, 1 << 20, 1 << 20);
        assertThat(plan.rounds()).containsExactly(new Round(0, 10_001));
        assertThat(plan.pageCount()).isEqualTo(3);
        assertThat(plan.spanCount()).isEqualTo(1);
        assertThat(plan.rounds().getFirst().bufferBytes()).isEqualTo(10_004);
    }

    @Test
    void theHostsMemoryCutsRoundsAtSpans() {
        assertThat(plan(15 * MIB + 1, 4 * MIB, 7 * MIB).rounds())
                .containsExactly(
                        new Round(0, 6 * MIB),
                        new Round(6 * MIB, 6 * MIB),
                        new Round(12 * MIB, 3 * MIB + 1));
    }

    @Test
    void theDeviceHasRoomForEightSpans_unlessTheyWouldBeTooSmallOrNeedNotBeLarger() {
        assertThat(plan(1 << 30, 100 * MIB, 1 << 30).spanBytes()).isEqualTo(8 * MIB);
        assertThat(plan(1 << 30, 5 * MIB, 1 << 30).spanBytes()).isEqualTo(2 * MIB);
        assertThat(plan(1 << 30, 10L << 30, 1 << 30).spanBytes()).isEqualTo(32 * MIB);
        Limits inPieces = new Limits("device", 5 * MIB, 1 << 30);
        assertThat(DemoPlan.of(1 << 30, PAGE, inPieces, 1 << 30).spanBytes()).isEqualTo(4 * MIB);
        Limits limits = new Limits("device", 1 << 30, 1 << 30);
        assertThat(DemoPlan.of(1 << 30, 1 << 30, limits, 1 << 20).spanBytes()).isEqualTo(1 << 30);
    }

    @Test
    void roundsCoverTheFileOnce() {
        for (long bytes = 1; bytes < 20 * MIB; bytes += 977_773) {
            long next = 0;
            for (Round round : plan(bytes, 3 * MIB, 5 * MIB).rounds()) {
                assertThat(round.position()).isEqualTo(next);
                assertThat(round.bytes()).isBetween(1L, 4 * MIB);
                next += round.bytes();
            }
            assertThat(next).isEqualTo(bytes);
        }
    }

    @Test
    void aDeviceWithoutRoomForASpanIsToldWithBothSizes() {
        assertThatThrownBy(() -> plan(3 * MIB, 2 * MIB - 1, 1 << 30))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("it needs 2 MiB, but device device has room for 2.0 MiB");
        assertThatThrownBy(() -> DemoPlan.of(10, 2 << 20, new Limits("tiny:0", MIB, 1 << 30), MIB))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("--page-size 2 MiB it needs 2 MiB")
                .hasMessageContaining("tiny:0 has room for 1 MiB in one piece");
    }
}
