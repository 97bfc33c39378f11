// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import org.jspecify.annotations.Nullable;

/**
 * The device is gone for good. Pages that were on it are {@link Residency#LOST}; pages on the host
 * are intact. Buffers, pins and the runtime can still be closed.
 */
public final class DeviceLostException extends DeviceException {
    private static final long serialVersionUID = 1;

    /** Whether the device may still be at work. */
    private final boolean mayStillRun;

    /**
     * Made by devices. Nothing of what the failed call has begun runs any more.
     *
     * @param message how the loss was noticed
     * @param cause what the driver threw, or null
     */
    public DeviceLostException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    /**
     * Made by devices.
     *
     * @param message how the loss was noticed
     * @param cause what the driver threw, or null
     * @param mayStillRun as in {@link #mayStillRun()}
     */
    public DeviceLostException(String message, @Nullable Throwable cause, boolean mayStillRun) {
        super(message, cause);
        this.mayStillRun = mayStillRun;
    }

    /** Whether the device may still be at work is what its own exception says, the cause. */
    DeviceLostException(Refusal refused) {
        super(refused);
        this.mayStillRun = getCause() instanceof DeviceLostException lost && lost.mayStillRun;
    }

    /**
     * {@return whether the driver never said that what the failed call has begun has ended: it may
     * still read and write the memory that the call was given, which is therefore never given to
     * anybody else}
     */
    public boolean mayStillRun() {
        return mayStillRun;
    }
}
