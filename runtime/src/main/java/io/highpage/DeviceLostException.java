// SPDX-License-Identifier: Apache-2.0
package io.highpage;

/**
 * The device is gone for good. Pages that were on it are {@link Residency#LOST}; pages on the host are intact. Buffers,
 * pins and the runtime can still be closed.
 */
public final class DeviceLostException extends DeviceException {
    private static final long serialVersionUID = 1;

    /**
     * Made by devices.
     *
     * @param message how the loss was noticed
     * @param cause what the driver threw, or null
     */
    public DeviceLostException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Made by the runtime.
     *
     * @param message the operation, the device and the pages that are lost
     * @param outcomes the reason of every page of the range, or null
     * @param cause what the device threw, or null
     */
    public DeviceLostException(String message, PageOutcomes outcomes, Throwable cause) {
        super(message, outcomes, cause);
    }
}
