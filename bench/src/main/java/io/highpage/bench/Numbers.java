// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import java.util.Locale;

/** Numbers as people read them. */
public final class Numbers {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB"};

    private Numbers() {}

    /** {@return three digits that count, without zeroes behind the point} */
    public static String text(double value) {
        if (value == 0) {
            return "0";
        }
        int decimals = Math.clamp(2 - (int) Math.floor(Math.log10(Math.abs(value))), 0, 4);
        String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
        return decimals == 0 ? text : text.replaceAll("\\.?0+$", "");
    }

    /** {@return a time, such as {@code 31.2 ns}} */
    public static String time(double nanos) {
        if (nanos < 1e3) {
            return text(nanos) + " ns";
        }
        return nanos < 1e6 ? text(nanos / 1e3) + " µs" : text(nanos / 1e6) + " ms";
    }

    /** {@return a size, such as {@code 64 KiB}} */
    public static String size(long bytes) {
        int unit = Math.min(
                (63 - Long.numberOfLeadingZeros(Math.max(bytes, 1))) / 10, UNITS.length - 1);
        return text((double) bytes / (1L << 10 * unit)) + " " + UNITS[unit];
    }
}
