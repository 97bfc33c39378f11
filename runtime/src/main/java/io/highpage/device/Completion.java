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

    /**
     * Asks to be told when the work has ended, so that no thread has to wait: {@link #await} then
     * returns, or throws, at once. Called from any thread, and for several who want to know.
     *
     * @param handOver called then, from any thread, a driver's own too, perhaps before this
     *     returns; it hands over to another thread, returns at once, and throws nothing
     * @return whether it will be called; if not, only {@link #await} tells, and a thread has to
     *     wait in it
     */
    default boolean whenEnded(Runnable handOver) {
        return false;
    }

    /**
     * Takes back a wish to be told: it is not called any more, though a call that has begun may go
     * on. Others are still told.
     *
     * @param handOver as given to {@link #whenEnded}
     */
    default void forget(Runnable handOver) {}
}
