// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import org.jspecify.annotations.Nullable;

/**
 * There is no memory for a page: the host's is exhausted, or the device's, or a limit set by the
 * user is reached.
 */
public final class OutOfPageMemoryException extends HighpageException {
    private static final long serialVersionUID = 1;

    /** Whether device memory is short. */
    private final boolean device;

    /** Bytes asked for. */
    private final long requestedBytes;

    /**
     * Made by the runtime and by devices.
     *
     * @param message what failed: requested, in use, limit, and what to do
     * @param device whether device memory is short, else host memory
     * @param requestedBytes bytes asked for
     * @param cause the failed call, or null
     */
    public OutOfPageMemoryException(
            String message, boolean device, long requestedBytes, @Nullable Throwable cause) {
        super(message, cause);
        this.device = device;
        this.requestedBytes = requestedBytes;
    }

    OutOfPageMemoryException(Refusal refused) {
        super(refused);
        this.device = refused.reason() == PageOutcome.NO_DEVICE_MEMORY;
        this.requestedBytes =
                getCause() instanceof OutOfPageMemoryException full ? full.requestedBytes : 0;
    }

    /** {@return whether device memory is short; else host memory is} */
    public boolean device() {
        return device;
    }

    /** {@return the number of bytes asked for} */
    public long requestedBytes() {
        return requestedBytes;
    }
}
