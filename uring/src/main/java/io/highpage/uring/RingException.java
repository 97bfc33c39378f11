// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.internal.os.Errno;

import java.io.IOException;

/** The kernel refused a call of a ring, or an operation failed. */
public final class RingException extends IOException {
    private static final long serialVersionUID = 1;

    /** The error number. */
    private final int errno;

    private RingException(String message, int errno) {
        super(message);
        this.errno = errno;
    }

    /** Names the call, the error, the values that matter and what to do, which may be empty. */
    static RingException of(String call, int errno, String values, String advice) {
        return new RingException(
                call + " failed with " + Errno.describe(errno) + ": " + values
                        + (advice.isEmpty() ? "" : "; " + advice),
                errno);
    }

    /** {@return the kernel's error number, such as 5 for {@code EIO}} */
    public int errno() {
        return errno;
    }
}
