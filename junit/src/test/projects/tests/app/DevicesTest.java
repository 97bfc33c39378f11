// SPDX-License-Identifier: Apache-2.0
package app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.highpage.Highpage;
import io.highpage.device.DeviceInfo;
import io.highpage.junit.ForEachDevice;

class DevicesTest {
    @ForEachDevice
    void failsOnOne(DeviceInfo device) {
        try (Highpage hp = Highpage.builder().device(device.open()).open()) {
            assertEquals(4096, App.filled(hp).byteSize());
        }
        assertEquals(false, device.name().startsWith("host-private"));
    }
}
