// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes and rates as people write and read them. */
public final class Units {
    private static final Pattern SIZE =
            Pattern.compile("(\\d+)(?:([KMGT])(?:iB)?|B)?", Pattern.CASE_INSENSITIVE);
    private static final String PREFIXES = "KMGT";
    private static final Pattern TIME =
            Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?) ?(ns|us|µs|ms|s|min|h)?");

    private Units() {}

    /**
     * {@return the bytes of a size such as {@code 4096}, {@code 64K}, {@code 2M} or {@code 1GiB}}
     *
     * @param text digits, then nothing or one of K, M, G, T, which are powers of 1024
     * @throws IllegalArgumentException if it is anything else or beyond 8 EiB
     */
    public static long parseBytes(String text) {
        Matcher size = SIZE.matcher(text.strip());
        if (!size.matches()) {
            throw new IllegalArgumentException("'" + text
                    + "' is not a size: write bytes, or a number with K, M, G or T,"
                    + " such as 64K or 2M");
        }
        try {
            long number = Long.parseLong(size.group(1));
            return size.group(2) == null
                    ? number
                    : Math.multiplyExact(number, factor(size.group(2)));
        } catch (ArithmeticException | NumberFormatException tooLarge) {
            throw new IllegalArgumentException(
                    "'" + text + "' is too large: sizes end below 8 EiB", tooLarge);
        }
    }

    /**
     * {@return the nanoseconds of a time such as {@code 90}, {@code 1.5s}, {@code 250ms} or
     * {@code 30min}}
     *
     * @param text a number, then nothing or s, or one of ns, us, ms, min, h
     * @throws IllegalArgumentException if it is anything else or beyond 292 years
     */
    public static long parseNanos(String text) {
        Matcher time = TIME.matcher(text.strip());
        if (!time.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a time: write seconds, or a"
                    + " number with ns, us, ms, s, min or h, such as 1.5s or 250ms");
        }
        BigDecimal nanos = new BigDecimal(time.group(1))
                .multiply(BigDecimal.valueOf(unitNanos(time.group(2))))
                .setScale(0, RoundingMode.DOWN);
        if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) >= 0) {
            throw new IllegalArgumentException("'" + text + "' is too long a time");
        }
        return nanos.longValueExact();
    }

    private static long unitNanos(@Nullable String unit) {
        return switch (unit == null ? "s" : unit) {
            case "ns" -> 1;
            case "us", "µs" -> 1_000;
            case "ms" -> 1_000_000;
            case "min" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 1_000_000_000;
        };
    }

    /**
     * {@return a size in words, such as {@code 64 KiB} or {@code 138.2 MiB}}
     *
     * @param count number of bytes
     */
    public static String bytes(long count) {
        if (count == Long.MAX_VALUE) {
            return "unlimited";
        }
        int power = Math.min(
                (63 - Long.numberOfLeadingZeros(Math.max(count, 1))) / 10, PREFIXES.length());
        if (power == 0) {
            return count + " B";
        }
        double value = (double) count / (1L << (10 * power));
        String unit = " " + PREFIXES.charAt(power - 1) + "iB";
        return value == Math.rint(value) ? (long) value + unit : format("%.1f%s", value, unit);
    }

    /**
     * {@return a number with thousands separators}
     *
     * @param number any number
     */
    public static String count(long number) {
        return format("%,d", number);
    }

    /**
     * {@return a number and what it counts, in the singular or plural}
     *
     * @param number how many
     * @param noun what, in the singular
     */
    public static String count(long number, String noun) {
        return count(number) + " " + noun + (number == 1 ? "" : "s");
    }

    /**
     * {@return a rate in GB/s (10^9 bytes), or {@code -} where nothing was moved}
     *
     * @param bytes bytes moved
     * @param nanos time taken
     */
    public static String rate(long bytes, long nanos) {
        return bytes == 0 ? "-" : format("%.2f GB/s", gigabytesPerSecond(bytes, nanos));
    }

    /**
     * {@return 10^9 bytes a second}
     *
     * @param bytes bytes moved
     * @param nanos time taken
     */
    public static double gigabytesPerSecond(long bytes, long nanos) {
        return (double) bytes / Math.max(nanos, 1);
    }

    /**
     * {@return a time in seconds}
     *
     * @param nanos nanoseconds
     */
    public static String seconds(long nanos) {
        return format("%.3f s", nanos / 1e9);
    }

    /**
     * {@return formatted text, the same in every locale}
     *
     * @param pattern as for {@link String#format}
     * @param values the values
     */
    public static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    private static long factor(String prefix) {
        return 1L << (10 * (1 + PREFIXES.indexOf(prefix.toUpperCase(Locale.ROOT))));
    }
}
