// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import org.jspecify.annotations.Nullable;

/**
 * A wait for work on a device failed, so that it is <em>not known</em> whether the work has ended.
 * What the work uses stays as it is: the access stays open, whole and listed, and its close can be
 * called again, which waits again.
 */
public final class DeviceWaitException extends DeviceException {
    private static final long serialVersionUID = 1;

    /**
     * Made by devices.
     *
     * @param message the wait, the error code and its name, and for what it waited
     * @param cause what the driver threw, or null
     */
    public DeviceWaitException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
