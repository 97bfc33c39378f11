// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.cli.console.UserError;
import io.highpage.cli.demo.DemoPlan.Piece;

import org.junit.jupiter.api.Test;

import java.util.List;

class DemoPlanTest {
    private static final long PAGE = 4096;

    @Test
    void whatFitsIsOneBuffer() {
        DemoPlan plan = DemoPlan.of(10_001, PAGE, "device", 1 << 20, 1 << 20);
        assertThat(plan.rounds()).containsExactly(List.of(new Piece(0, 10_001)));
        assertThat(plan.pageCount()).isEqualTo(3);
        assertThat(plan.rounds().getFirst().getFirst().bufferBytes()).isEqualTo(10_004);
    }

    @Test
    void theLargestBufferCutsPiecesAtWholePages() {
        DemoPlan plan = DemoPlan.of(5 * PAGE + 1, PAGE, "device", 2 * PAGE + 5, 100 * PAGE);
        assertThat(plan.rounds())
                .containsExactly(List.of(
                        new Piece(0, 2 * PAGE),
                        new Piece(2 * PAGE, 2 * PAGE),
                        new Piece(4 * PAGE, PAGE + 1)));
        assertThat(plan.pieceCount()).isEqualTo(3);
        assertThat(plan.pageCount()).isEqualTo(6);
    }

    @Test
    void theDevicesMemoryCutsRounds() {
        DemoPlan plan = DemoPlan.of(7 * PAGE, PAGE, "device", 2 * PAGE, 5 * PAGE);
        assertThat(plan.rounds())
                .containsExactly(
                        List.of(new Piece(0, 2 * PAGE), new Piece(2 * PAGE, 2 * PAGE)),
                        List.of(new Piece(4 * PAGE, 2 * PAGE), new Piece(6 * PAGE, PAGE)));
    }

    @Test
    void piecesCoverTheFileOnceAndRoundsFit() {
        for (long bytes = 1; bytes < 60_000; bytes += 977) {
            DemoPlan plan = DemoPlan.of(bytes, PAGE, "device", 3 * PAGE, 4 * PAGE + 100);
            long next = 0;
            for (List<Piece> round : plan.rounds()) {
                long room = 4 * PAGE + 100;
                for (Piece piece : round) {
                    assertThat(piece.position()).isEqualTo(next);
                    next += piece.bytes();
                    room -= Math.ceilDiv(piece.bufferBytes(), PAGE) * PAGE;
                }
                assertThat(room).isNotNegative();
            }
            assertThat(next).isEqualTo(bytes);
        }
    }

    @Test
    void aDeviceWithoutRoomForAPageIsToldWithBothSizes() {
        assertThatThrownBy(() -> DemoPlan.of(10, 2 << 20, "tiny:0", 1 << 20, 1 << 30))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("--page-size is 2 MiB")
                .hasMessageContaining("tiny:0 has room for 1 MiB in one buffer");
    }
}
