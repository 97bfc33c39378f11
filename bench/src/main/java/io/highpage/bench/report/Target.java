// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.bench.Numbers;

/**
 * What a ratio has to reach.
 *
 * @param bound from which side
 * @param value the limit
 */
public record Target(Bound bound, double value) {

    /** The side of the limit on which a ratio has to be. */
    public enum Bound {
        /** At most the value. */
        AT_MOST("≤"),
        /** At least the value. */
        AT_LEAST("≥");

        private final String sign;

        Bound(String sign) {
            this.sign = sign;
        }
    }

    /** {@return at most so much} */
    public static Target atMost(double value) {
        return new Target(Bound.AT_MOST, value);
    }

    /** {@return at least so much} */
    public static Target atLeast(double value) {
        return new Target(Bound.AT_LEAST, value);
    }

    /** {@return whether a ratio reaches it} */
    boolean isMet(double ratio) {
        return bound == Bound.AT_MOST ? ratio <= value : ratio >= value;
    }

    @Override
    public String toString() {
        return bound.sign + " " + Numbers.text(value);
    }
}
