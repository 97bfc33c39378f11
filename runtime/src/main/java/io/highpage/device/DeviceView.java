// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

import java.lang.foreign.MemorySegment;

/**
 * What a kernel gets for a byte range of an extent: a pointer or a driver's memory object.
 *
 * @param segment on a coherent device the range itself, on a private one a zero-length segment at
 *     its address, or null if the device has no pointers
 * @param handle the driver's memory object, or null if the device has pointers
 * @param release gives back what was made for this view; called once, after the work has ended
 */
public record DeviceView(MemorySegment segment, MemorySegment handle, Runnable release) {

    /**
     * {@return a view with a pointer}
     *
     * @param segment the range, or a zero-length segment at its address
     */
    public static DeviceView pointer(MemorySegment segment) {
        return new DeviceView(segment, null, () -> {});
    }
}
