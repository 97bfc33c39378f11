// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

/**
 * The memory of one device: what a new kind of device implements. It knows nothing of pages,
 * residency or pins; the runtime calls it from any thread, several at a time.
 *
 * <p>A call that returns has done its work, and one that throws has failed, however long it took;
 * the runtime does not time calls out and does not interrupt them. Either way it has ended: nothing
 * that it began uses memory any more. There are two exceptions that say otherwise. A wait throws a
 * {@link io.highpage.outcome.DeviceWaitException} if it does not know whether what it waited for
 * has ended. A copy or zeroing goes on asking, within a bound of its own; if it cannot find out,
 * the device is lost, and {@link io.highpage.outcome.DeviceLostException#mayStillRun()} says that
 * the driver may still use the memory of that call.
 *
 * <p>A {@link io.highpage.outcome.DeviceLostException} is for good: the runtime treats the device
 * as lost from then on, though later calls may succeed. Exceptions of other types than those named
 * here pass to the caller after everything has been put back.
 *
 * <p>The runtime refuses a device without memory, an extent that is smaller than asked, and a
 * coherent view of another length. It cannot notice other untruths, each of which costs bytes: a
 * copy or zeroing that returns before it is complete, or does a part, or works elsewhere; extents
 * that overlap; a view of other memory; a {@link #quiesce()} that returns while kernels run.
 * {@code io.highpage.junit.DeviceContract} looks for all of them: run it against a new device.
 */
public interface DeviceMemory extends AutoCloseable {
    /** The {@link #route} of a device to which the runtime itself copies, by the CPU. */
    String BY_RUNTIME = "runtime";

    /** {@return a short name, such as {@code host} or {@code opencl:0}} */
    String name();

    /** {@return what the device is, in words: model, driver, kind of memory} */
    String description();

    /** {@return whether the CPU can touch its memory; asked once} */
    DeviceKind kind();

    /**
     * {@return who copies bytes to and from it, and by which way, in a few words: what reports and
     * events call it; asked once}
     */
    default String route() {
        return "device";
    }

    /** {@return whether it has not been closed; a runtime refuses a device that has} */
    default boolean isOpen() {
        return true;
    }

    /** {@return the bytes that the device has, as far as it tells; positive; asked once} */
    long capacityBytes();

    /** {@return the largest extent in bytes; positive} */
    long maxExtentBytes();

    /**
     * {@return whether the windows of several buffers may lie in one extent. If not, each window
     * gets an extent of exactly its size, so that a kernel which uses a whole buffer gets the
     * driver's object itself; asked once}
     */
    default boolean windowsShareExtents() {
        return true;
    }

    /**
     * Allocates device memory. Its bytes are undefined.
     *
     * @param byteSize number of bytes, 1 to {@link #maxExtentBytes()}
     * @return the extent
     * @throws IllegalArgumentException if the size is below 1
     * @throws io.highpage.outcome.OutOfPageMemoryException if the device has no room
     * @throws io.highpage.outcome.DeviceException if the driver failed
     */
    Extent allocate(long byteSize);

    /**
     * Waits until the device's own queue is idle: what an access does that was told of no other
     * work. The rules are those of {@link Completion#await()}. A device on which programs can begin
     * no work in a queue of its own has nothing to wait for.
     *
     * @throws io.highpage.outcome.DeviceWaitException if it is not known whether the work has
     *     ended: the access stays open
     * @throws io.highpage.outcome.DeviceLostException if the device is gone; its memory is not used
     *     again then
     * @throws io.highpage.outcome.DeviceException if the work failed; it has ended then too
     */
    void quiesce();

    /**
     * Gives back everything that is the device's own. All extents have been freed. A second call
     * does nothing.
     */
    @Override
    void close();
}
