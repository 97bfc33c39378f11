// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

/** Work on a device that will end: an event, a queue, a future. */
@FunctionalInterface
public interface Completion {
    /**
     * Waits until the work has ended. It must not return or throw before: memory that the work uses is given to others then.
     *
     * @throws io.highpage.DeviceException if the work failed; it has ended then too
     */
    void await();
}
