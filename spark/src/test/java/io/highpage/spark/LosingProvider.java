// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceProvider;
import io.highpage.host.HostDevice;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;
import io.highpage.testkit.faults.FaultyDevice;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/** A device {@code losing:0} that is lost at the first copy to it. */
public final class LosingProvider implements DeviceProvider {
    private static final long BYTES = 1L << 30;

    @Override
    public String family() {
        return "losing";
    }

    @Override
    public List<DeviceInfo> find() {
        return List.of(DeviceInfo.builder("losing:0", DeviceKind.PRIVATE, () -> {
                    Faults faults = new Faults();
                    faults.arm(1, Faults.LOSE, EnumSet.of(Call.COPY_IN));
                    return new FaultyDevice(HostDevice.privateMemory(BYTES), faults);
                })
                .description("a device for tests")
                .capacityBytes(BYTES)
                .preferred(Integer.MIN_VALUE)
                .build());
    }

    @Override
    public Optional<String> missing() {
        return Optional.empty();
    }
}
