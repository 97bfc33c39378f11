// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

import java.util.function.Supplier;

/**
 * A device that was found on this machine.
 *
 * @param name what to ask for it by, such as {@code host} or {@code opencl:0}
 * @param description model and driver in words
 * @param svm the level of shared virtual memory that the driver reports, or {@code -}
 * @param kind how its memory is used
 * @param reason why it is used that way
 * @param capacityBytes the bytes that it has, as far as it tells
 * @param maxExtentBytes the largest allocation in bytes
 * @param preferred a rank: the device with the highest is what {@code Highpage.open()} takes
 * @param opener opens it
 */
public record DeviceInfo(
        String name,
        String description,
        String svm,
        DeviceKind kind,
        String reason,
        long capacityBytes,
        long maxExtentBytes,
        int preferred,
        Supplier<DeviceMemory> opener) {

    /**
     * Opens the device. The caller owns it until a runtime takes it.
     *
     * @return its memory
     * @throws io.highpage.outcome.DeviceException if the driver failed
     */
    public DeviceMemory open() {
        return opener.get();
    }
}
