// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceMemory;
import io.highpage.host.HostDevice;

import org.junit.jupiter.api.Nested;

/**
 * Host devices of a given size; those of the machine's size are in {@link FoundDeviceContractTest}.
 */
class HostDeviceContractTest {
    @Nested
    class Coherent implements DeviceContract {
        @Override
        public DeviceMemory openDevice() {
            return HostDevice.coherent(64 << 20);
        }

        @Override
        public Runnable beginWork(DeviceAccess access) {
            return OwnQueue.begin(access);
        }
    }

    @Nested
    class Private implements DeviceContract {
        @Override
        public DeviceMemory openDevice() {
            return HostDevice.privateMemory(64 << 20);
        }

        @Override
        public Runnable beginWork(DeviceAccess access) {
            return OwnQueue.begin(access);
        }
    }
}
