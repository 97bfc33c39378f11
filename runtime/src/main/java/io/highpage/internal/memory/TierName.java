// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

/**
 * A tier, for messages.
 *
 * @param number what page words carry: 0 is home
 * @param device the device's name; of home not used
 */
record TierName(int number, String device) {
    static final TierName HOME = new TierName(0, "");

    boolean isHome() {
        return number == 0;
    }

    /** {@return its memory in words} */
    String memory() {
        return isHome() ? "host memory" : "memory on " + this;
    }

    @Override
    public String toString() {
        return isHome() ? "home" : "device " + device + " (tier " + number + ")";
    }
}
