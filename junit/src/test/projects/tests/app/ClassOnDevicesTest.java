// SPDX-License-Identifier: Apache-2.0
package app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.highpage.device.DeviceInfo;
import io.highpage.junit.ForEachDevice;

import org.junit.jupiter.api.Test;

@ForEachDevice
class ClassOnDevicesTest {
    private final DeviceInfo device;

    ClassOnDevicesTest(DeviceInfo device) {
        this.device = device;
    }

    @Test
    void failsOnOne() {
        assertEquals(false, device.name().startsWith("host-private"));
    }
}
