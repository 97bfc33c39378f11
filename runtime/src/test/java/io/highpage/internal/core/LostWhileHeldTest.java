// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Hold;
import io.highpage.PageRange;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.Terms;
import io.highpage.testkit.faults.Faults;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.EnumSet;

/**
 * A device that goes while a page on it is held in place, which the model of the protocol found
 * (WEAKEN 15 in pages.pml), and what is done with the words of pages that were on it.
 */
class LostWhileHeldTest {
    @RegisterExtension
    final AtRest rest = new AtRest();

    @Test
    void bytes_ofAPageLostWhileHeld_areAnErrorAndNotThoseAtHome() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DD");
        try (Hold hold = scene.buffer.range(Scene.PAGE, Scene.PAGE).hold()) {
            rig.faults().arm(1, Faults.LOSE, EnumSet.of(Faults.Call.COPY_OUT));
            assertThat(scene.buffer.range(0, Scene.PAGE).evict().failure())
                    .containsInstanceOf(DeviceLostException.class);
            assertThat(scene.buffer.range(Scene.PAGE, Scene.PAGE).evict().complete())
                    .isFalse();
            assertThat(scene.buffer.residency()).hasToString("xx");

            // What a read does that took its hold just before the device went.
            assertThatThrownBy(() -> ((ManagedBuffer) scene.buffer).held().windowOf(1))
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("page 1 of buffer");
            assertThatThrownBy(hold.pieces()::next)
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("page 1 of buffer");
            assertThatThrownBy(hold::segment).isInstanceOf(DeviceLostException.class);
        }
    }

    /** Whoever reads a clean copy there; nobody has looked at the other page since. */
    @ParameterizedTest
    @ValueSource(strings = {"BD", "DD"})
    void bytes_readOnADeviceThatWasLost_areAnError(String picture) {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), picture);
        PageRange first = scene.buffer.range(0, Scene.PAGE);
        try (Hold hold = first.hold(Terms.defaults().mode(AccessMode.READ))) {
            rig.faults().arm(1, Faults.LOSE, EnumSet.of(Faults.Call.COPY_OUT));
            assertThat(scene.buffer.range(Scene.PAGE, Scene.PAGE).evict().failure())
                    .containsInstanceOf(DeviceLostException.class);
            assertThatThrownBy(hold.pieces()::next)
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("page 0 of buffer");
            assertThatThrownBy(hold::segment).isInstanceOf(DeviceLostException.class);
            assertThatThrownBy(() -> ((ManagedBuffer) scene.buffer).held().windowOf(0))
                    .isInstanceOf(DeviceLostException.class);
        }
        scene.checkBytes("after");
    }

    /** Who asks about a page only to say what became of a range changes no word. */
    @Test
    void refusedPin_ofLostPages_marksOnlyThePageThatItWanted() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DDD");
        rig.faults().arm(1, Faults.LOSE, EnumSet.of(Faults.Call.COPY_OUT));
        assertThat(scene.buffer.range(0, Scene.PAGE).evict().failure())
                .containsInstanceOf(DeviceLostException.class);
        assertThatThrownBy(
                        () -> scene.buffer.range(Scene.PAGE, 2 * Scene.PAGE).pin(Terms.defaults()))
                .isInstanceOf(DeviceLostException.class)
                .hasMessageContaining("pages 1-2 device lost");

        ManagedBuffer buffer = (ManagedBuffer) scene.buffer;
        assertThat(PageWord.state(buffer.word(1))).isEqualTo(PageWord.LOST);
        assertThat(PageWord.state(buffer.word(2))).isEqualTo(PageWord.DEVICE);
        assertThat(scene.buffer.residency()).hasToString("xxx");
    }
}
