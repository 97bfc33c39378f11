// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

/** Work on a device that will end: an event, a queue, a future. */
@FunctionalInterface
public interface Completion {
    /**
     * Waits until the work has ended. It must not return before, nor throw anything but a
     * {@link io.highpage.outcome.DeviceWaitException}: memory that the work uses is given to others
     * then. Called from any thread, also by several at once, and again when it has thrown.
     *
     * @throws io.highpage.outcome.DeviceWaitException if it is not known whether the work has
     *     ended: the access stays open
     * @throws io.highpage.outcome.DeviceLostException if the device is gone; its memory is not used
     *     again then
     * @throws io.highpage.outcome.DeviceException if the work failed; it has ended then too
     */
    void await();
}
