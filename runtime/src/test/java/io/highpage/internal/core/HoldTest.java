// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Hold;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.Residency;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.foreign.MemorySegment;

class HoldTest {
    @RegisterExtension
    final AtRest rest = new AtRest();

    @Test
    void pieces_onTwoCoherentDevices_walkedTwice_areTheRightMemoryEachTime() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT), Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DHHDH");
        scene.buffer.range(Scene.PAGE, 1).prefetch(rig.runtime().devices().getLast());
        scene.buffer.range(4 * Scene.PAGE, 1).prefetch(rig.runtime().devices().getLast());
        assertThat(scene.buffer.residency()).hasToString("DDHDD");
        try (Hold hold = scene.buffer.range(100, 4 * Scene.PAGE + 200).hold()) {
            for (int walk = 0; walk < 2; walk++) {
                int pieces = 0;
                long covered = 0;
                for (Hold.Pieces piece = hold.pieces(); piece.next(); pieces++) {
                    assertThat(piece.offset()).isEqualTo(covered);
                    MemorySegment expected = MemorySegment.ofArray(scene.bytes)
                            .asSlice(100 + piece.offset(), piece.byteSize());
                    assertThat(piece.slice().mismatch(expected))
                            .as("walk %d, piece %d", walk, pieces)
                            .isEqualTo(-1);
                    assertThat(piece.residency())
                            .isEqualTo(pieces == 2 ? Residency.HOST : Residency.DEVICE);
                    covered += piece.byteSize();
                }
                assertThat(pieces).isEqualTo(5);
                assertThat(covered).isEqualTo(hold.byteSize());
            }
        }
        scene.checkBytes("after");
    }

    /**
     * A device window is there for the whole buffer, and in between is what the memory had before.
     */
    @Test
    void base_ofAPiece_isThePieceOnly() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        for (String picture : new String[] {"DDDDD", "DHHDH"}) {
            Scene scene = Scene.of(rig.runtime(), picture);
            try (Hold hold = scene.buffer.range(100, 4 * Scene.PAGE + 200).hold()) {
                for (Hold.Pieces piece = hold.pieces(); piece.next(); ) {
                    MemorySegment expected = MemorySegment.ofArray(scene.bytes)
                            .asSlice(100 + piece.offset(), piece.byteSize());
                    MemorySegment base = piece.base();
                    assertThat(base.asSlice(piece.baseOffset()).mismatch(expected))
                            .isEqualTo(-1);
                    assertThat(base.byteSize()).isEqualTo(piece.byteSize());
                    assertThat(piece.base()).isSameAs(base);
                }
            }
            scene.checkBytes(picture);
            scene.buffer.close(); // the next one gets its device memory
        }
    }

    @Test
    void access_ofPagesOnAnotherDevice_bringsThemOverByWayOfTheHost() {
        for (DeviceKind kind : DeviceKind.values()) {
            Rig rig = rest.open(Scene.device(DeviceKind.COHERENT), Scene.device(kind));
            Scene scene = Scene.of(rig.runtime(), "DHD.");
            var other = rig.runtime().devices().getLast();
            assertThat(scene.buffer
                            .prefetch(other)
                            .outcomes()
                            .count(io.highpage.outcome.PageOutcome.ON_OTHER_DEVICE))
                    .isEqualTo(2);
            try (var access =
                    scene.buffer.access(other, io.highpage.outcome.AccessMode.READ_WRITE)) {
                assertThat(access.device()).isSameAs(other);
                assertThat(rig.runtime().device().usedBytes()).isZero();
                assertThat(other.usedBytes()).isEqualTo(4 * Scene.PAGE);
            }
            scene.checkBytes("on " + kind);
        }
    }
}
