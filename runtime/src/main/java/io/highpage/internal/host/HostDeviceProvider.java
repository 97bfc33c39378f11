// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.host;

import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceProvider;
import io.highpage.host.HostDevice;
import io.highpage.internal.os.Linux;
import io.highpage.internal.os.MemoryLimits;

import java.util.List;
import java.util.Optional;

/** Offers the built-in host device, which is always there. */
public final class HostDeviceProvider implements DeviceProvider {
    /** Above every device that must be asked for by name, below every real one. */
    private static final int PREFERRED = 10;

    @Override
    public String family() {
        return "host";
    }

    @Override
    public List<DeviceInfo> find() {
        long bytes = MemoryLimits.HERE.totalBytes().orElseGet(Linux::physicalBytes);
        return List.of(
                built(
                        DeviceInfo.builder(
                                        "host",
                                        DeviceKind.COHERENT,
                                        () -> HostDevice.coherent(bytes))
                                .reason("host memory: the CPU can touch it in place")
                                .preferred(PREFERRED),
                        bytes),
                built(
                        DeviceInfo.builder(
                                        "host-private",
                                        DeviceKind.PRIVATE,
                                        () -> HostDevice.privateMemory(bytes))
                                .reason("asked for: plays a device whose memory only its"
                                        + " kernels can touch")
                                .preferred(-PREFERRED),
                        bytes));
    }

    private static DeviceInfo built(DeviceInfo.Builder device, long bytes) {
        return device.description("built-in device in host memory")
                .capacityBytes(bytes)
                .maxExtentBytes(bytes)
                .build();
    }

    @Override
    public Optional<String> missing() {
        return Optional.empty();
    }
}
