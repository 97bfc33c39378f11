// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import java.time.Duration;

/** Lets tests make calls fail. Asked once before each call. */
@FunctionalInterface
public interface ClFaults {
    /** No call fails but those the driver fails. */
    ClFaults NONE = call -> 0;

    /** {@return the code that the call shall fail with, or 0 to make the call} */
    int code(String call);

    /**
     * {@return the code that a call which gives something back shall fail with, or 0} It is made
     * all the same, so that a test that lets one fail leaks nothing of its own.
     */
    default int codeOfRelease(String call) {
        return code(call);
    }

    /**
     * {@return for how long a driver that does not tell whether a copy has ended is asked again}
     */
    default Duration patience() {
        return Duration.ofSeconds(10);
    }
}
