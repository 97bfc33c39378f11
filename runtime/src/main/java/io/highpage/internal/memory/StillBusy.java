// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

/**
 * Another operation does what this one would have to wait for longer than it may: it gets memory of
 * the device, or changes page-locks. Callers, who know the page, make the error for the user of it.
 */
public final class StillBusy extends RuntimeException {
    private static final long serialVersionUID = 1;

    StillBusy(String message) {
        super(message, null, false, false);
    }
}
