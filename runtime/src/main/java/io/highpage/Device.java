// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.outcome.DeviceTraffic;

/** A device of a runtime, to be named in operations of that runtime's buffers. Thread-safe. */
public sealed interface Device permits DeviceSlot {

    /** {@return its name in the runtime, such as {@code host} or {@code opencl:0}} */
    String name();

    /** {@return whether the CPU can touch its memory} */
    DeviceKind kind();

    /**
     * {@return the bytes of device memory that buffers may take: the user's limit, else what the
     * device has}
     */
    long limitBytes();

    /** {@return the bytes of device memory that buffers have taken} */
    long usedBytes();

    /** {@return the most bytes that one span of a buffer can have on this device} */
    long maxBufferBytes();

    /** {@return what has moved to and from it since the runtime was opened} */
    DeviceTraffic traffic();

    /** {@return whether the device was lost; pages that were on it are then lost too} */
    boolean isLost();

    /** {@return the memory behind it} */
    DeviceMemory memory();
}
