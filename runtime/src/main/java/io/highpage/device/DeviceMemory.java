// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

/**
 * The memory of one device: what a new kind of device implements. It knows nothing of pages, residency or pins; the runtime
 * calls it from any thread, several at a time.
 *
 * <p>The device's own contract is held by {@code io.highpage.junit.DeviceContract}.
 */
public interface DeviceMemory extends AutoCloseable {

    /** {@return a short name, such as {@code host} or {@code opencl:0}} */
    String name();

    /** {@return what the device is, in words: model, driver, kind of memory} */
    String description();

    /** {@return whether the CPU can touch its memory} */
    DeviceKind kind();

    /** {@return the bytes that the device has, as far as it tells; positive} */
    long capacityBytes();

    /** {@return the largest extent in bytes; positive} */
    long maxExtentBytes();

    /**
     * Allocates device memory. Its bytes are undefined.
     *
     * @param byteSize number of bytes, 1 to {@link #maxExtentBytes()}
     * @return the extent
     * @throws IllegalArgumentException if the size is below 1
     * @throws io.highpage.OutOfPageMemoryException if the device has no room
     * @throws io.highpage.DeviceException if the driver failed
     */
    Extent allocate(long byteSize);

    /**
     * Waits until the device's own queue is idle: what an access does that was told of no other work.
     *
     * @throws io.highpage.DeviceException if the work failed
     */
    default void quiesce() {}

    /** Gives back everything that is the device's own. All extents have been freed. A second call does nothing. */
    @Override
    void close();
}
