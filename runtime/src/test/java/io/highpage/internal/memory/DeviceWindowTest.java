// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.host.HostDevice;

import org.junit.jupiter.api.Test;

class DeviceWindowTest {
    private static final long BYTES = 1 << 20;

    /** A close that has begun would else give back a window that is being taken, or leave it. */
    @Test
    void window_ofABufferThatIsClosing_isNotTaken() {
        DeviceSlot device = new DeviceSlot(1, "device", HostDevice.coherent(BYTES), BYTES, 4096);
        DeviceWindow window = new DeviceWindow(device, BYTES);
        assertThat(window.trySeal(() -> false)).isTrue();
        assertThatThrownBy(() -> window.retain(1, () -> false)).isInstanceOf(StillBusy.class);
        assertThat(device.usedBytes()).isZero();
        window.unseal();
        window.retain(1, () -> false);
        assertThat(device.usedBytes()).isEqualTo(BYTES);
        assertThat(window.trySeal(() -> false)).isTrue();
        assertThat(window.drop()).isNull();
        assertThat(window.isGone()).isTrue();
        assertThatThrownBy(() -> window.retain(1, () -> false))
                .isInstanceOf(IllegalStateException.class);
        assertThat(device.close()).isNull();
    }
}
