// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

/**
 * A contiguous piece of device memory, as the driver gave it out. Offsets are bytes from its start.
 * Migrations copy whole pages; a copy between buffers may begin and end at any byte. The runtime
 * calls {@link #free()} once, when nothing is copying and no kernel runs.
 */
public interface Extent {

    /** {@return the length in bytes} */
    long byteSize();

    /**
     * {@return the address of the first byte, as far as alignment is concerned; 0 if the device has
     * no addresses and every offset that is a multiple of the base page is aligned}
     */
    long address();

    /**
     * {@return what a kernel gets for a range}
     *
     * @param offset first byte
     * @param byteSize number of bytes
     */
    DeviceView view(long offset, long byteSize);

    /**
     * Copies runs from the host window to the device. Returns when the bytes have arrived.
     *
     * @param base where the device window starts in the extent
     * @param window the host window
     * @param runs what to copy, relative to both windows
     * @throws io.highpage.outcome.OutOfPageMemoryException if the device has no room after all, as
     *     drivers do that give out memory at its first use; the device bytes of the runs are then
     *     undefined
     * @throws io.highpage.outcome.DeviceLostException if the device is gone
     * @throws io.highpage.outcome.DeviceException if the driver failed; the device bytes of the
     *     runs are then undefined
     */
    void copyIn(long base, java.lang.foreign.MemorySegment window, PageRuns runs);

    /**
     * Copies runs from the device to the host window. Returns when the bytes have arrived.
     *
     * @param base where the device window starts in the extent
     * @param window the host window
     * @param runs what to copy, relative to both windows
     * @throws io.highpage.outcome.OutOfPageMemoryException if the device has no room after all, as
     *     drivers do that give out memory at its first use; the host bytes of the runs are then
     *     undefined
     * @throws io.highpage.outcome.DeviceLostException if the device is gone
     * @throws io.highpage.outcome.DeviceException if the driver failed; the host bytes of the runs
     *     are then undefined
     */
    void copyOut(long base, java.lang.foreign.MemorySegment window, PageRuns runs);

    /**
     * Zeroes runs on the device.
     *
     * @param base where the device window starts in the extent
     * @param runs what to zero, relative to the device window
     * @throws io.highpage.outcome.OutOfPageMemoryException as in {@link #copyIn}
     * @throws io.highpage.outcome.DeviceLostException if the device is gone
     * @throws io.highpage.outcome.DeviceException if the driver failed
     */
    void zero(long base, PageRuns runs);

    /**
     * Gives the memory back; other calls throw an {@link IllegalStateException} from then on. A
     * second call does nothing.
     *
     * @throws io.highpage.outcome.DeviceException if the driver failed; the memory then counts as
     *     given back
     */
    void free();
}
