// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import org.jspecify.annotations.Nullable;

/** A call to a device's driver failed. Pages on their way are back where they were. */
public sealed class DeviceException extends HighpageException
        permits DeviceLostException, DeviceWaitException {
    private static final long serialVersionUID = 1;

    /**
     * Made by devices.
     *
     * @param message the call, the error code and its name, the arguments that matter
     * @param cause what the driver threw, or null
     */
    public DeviceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    DeviceException(Refusal refused) {
        super(refused);
    }
}
