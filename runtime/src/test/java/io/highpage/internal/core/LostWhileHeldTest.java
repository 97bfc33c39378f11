// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Hold;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.faults.Faults;
import io.highpage.outcome.DeviceLostException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.EnumSet;

/**
 * A device that goes while a page on it is held in place. The model of the protocol found it:
 * WEAKEN 15 in pages.pml.
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
            assertThatThrownBy(() -> ((ManagedBuffer) scene.buffer).memoryOf(1))
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("page 1 of buffer");
            assertThatThrownBy(hold.pieces()::next)
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("page 1 of buffer");
            assertThatThrownBy(hold::segment).isInstanceOf(DeviceLostException.class);
        }
    }
}
