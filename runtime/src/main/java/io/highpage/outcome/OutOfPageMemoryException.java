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

    /** Whether others have what was asked for. */
    private final boolean retryable;

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
        this(message, device, requestedBytes, true, cause);
    }

    private OutOfPageMemoryException(
            String message,
            boolean device,
            long requestedBytes,
            boolean retryable,
            @Nullable Throwable cause) {
        super(message, cause);
        this.device = device;
        this.requestedBytes = requestedBytes;
        this.retryable = retryable;
    }

    /**
     * {@return the error for what never fits, whoever gives up what} Made by the runtime.
     *
     * @param message what failed: requested, limit, and what to do
     * @param device whether device memory is short, else host memory
     * @param requestedBytes bytes asked for
     */
    public static OutOfPageMemoryException neverFits(
            String message, boolean device, long requestedBytes) {
        return new OutOfPageMemoryException(message, device, requestedBytes, false, null);
    }

    OutOfPageMemoryException(Refusal refused) {
        super(refused);
        this.device = refused.reason() == PageOutcome.NO_DEVICE_MEMORY;
        this.requestedBytes =
                getCause() instanceof OutOfPageMemoryException full ? full.requestedBytes : 0;
        this.retryable = !(getCause() instanceof OutOfPageMemoryException full) || full.retryable;
    }

    /** {@return whether device memory is short; else host memory is} */
    public boolean device() {
        return device;
    }

    /**
     * {@return whether the same may succeed once others, or the program, have given something up;
     * else so much is never there in one piece: do it in smaller parts, or raise the limit that the
     * message names}
     */
    public boolean isRetryable() {
        return retryable;
    }

    /** {@return the number of bytes asked for} */
    public long requestedBytes() {
        return requestedBytes;
    }
}
