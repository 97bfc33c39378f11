// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.device.Devices;

/** The shared virtual memory that a driver reports. */
public enum OpenClSvm {
    /** None. */
    NONE,
    /** The driver copies. */
    COARSE,
    /** The CPU can touch it in place. */
    FINE;

    /**
     * {@return what a device has}
     *
     * @param device as {@code highpage devices} names it; there is one
     */
    public static OpenClSvm of(String device) {
        String reported = Devices.named(device).svm();
        return reported.startsWith("fine") ? FINE : reported.startsWith("coarse") ? COARSE : NONE;
    }
}
