// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

/**
 * Something that is wrong with the job itself: no other attempt would do better, so it is told once
 * and not tried again.
 */
final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
        super(message);
    }

    RefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
