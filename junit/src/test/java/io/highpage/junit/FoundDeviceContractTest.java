// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceMemory;

/** The contract on every device of this machine. */
@ForEachDevice
class FoundDeviceContractTest implements DeviceContract {
    private final DeviceInfo device;

    FoundDeviceContractTest(DeviceInfo device) {
        this.device = device;
    }

    @Override
    public DeviceMemory openDevice() {
        return device.open();
    }

    @Override
    public Runnable beginWork(DeviceAccess access) {
        return OwnQueue.begin(access);
    }
}
