// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

/** The moment between two steps of a weakened twin that should have been one. */
final class Gap {
    private static final int SPINS = 200;

    private Gap() {}

    /**
     * Widens it from nanoseconds to some microseconds, so that a short run falls into it. A thread
     * that loses its processor there makes it as wide, only less often.
     */
    static void widen() {
        for (int i = 0; i < SPINS; i++) {
            Thread.onSpinWait();
        }
    }
}
