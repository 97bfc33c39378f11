// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.device.DeviceKind;
import io.highpage.host.HostDevice;
import io.highpage.testkit.faults.ForwardingDevice;

/** A device whose memory the runtime takes for private, and kernels in Java reach. */
final class PrivateDevice extends ForwardingDevice {
    PrivateDevice() {
        super(HostDevice.coherent(1 << 20));
    }

    @Override
    public DeviceKind kind() {
        return DeviceKind.PRIVATE;
    }
}
