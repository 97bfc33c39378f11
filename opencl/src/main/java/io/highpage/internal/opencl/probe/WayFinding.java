// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.internal.opencl.CopyWay;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What one way to copy was found to do.
 *
 * @param way the way
 * @param nanos for each size that was copied, to the device and home, in nanoseconds; empty if it
 *     cannot be used
 * @param fault why it cannot be used, empty if it can
 * @param momentary whether that may be of the moment: there was no memory, or no time, to try it
 */
record WayFinding(CopyWay way, long[] nanos, String fault, boolean momentary) {
    /** The sizes that are copied, in bytes; where memory is short, the first ones of them. */
    static final long[] SIZES = {4L << 10, 64L << 10, 1L << 20, 8L << 20, 16L << 20, 32L << 20};

    /** A page, and one that counts. */
    static final int SIZES_MIN = 2;

    private static final int FAULT_MAX = 300;

    /** More than any copy takes in the time that a process is given. */
    private static final long NANOS_MAX = 3_600_000_000_000L;

    static WayFinding right(CopyWay way, long[] nanos) {
        return new WayFinding(way, nanos, "", false);
    }

    static WayFinding wrong(CopyWay way, String fault) {
        return new WayFinding(way, new long[0], oneLine(fault), false);
    }

    /** {@return what is said of a way that there was no memory for} */
    static WayFinding lacking(CopyWay way, String fault) {
        return new WayFinding(way, new long[0], oneLine(fault), true);
    }

    private static String oneLine(String fault) {
        String line = fault.replaceAll("\\s+", " ").strip();
        return line.substring(0, Math.min(FAULT_MAX, line.length()));
    }

    boolean isRight() {
        return fault.isEmpty();
    }

    /** {@return how many sizes were copied} */
    int sizes() {
        return nanos.length / 2;
    }

    /** {@return this and what was found of the same way later: the shortest times of each size} */
    WayFinding and(WayFinding later) {
        if (momentary || later.momentary) {
            return momentary ? later : this;
        }
        if (!isRight() || !later.isRight()) {
            return isRight() ? later : this;
        }
        long[] fewer = nanos.length < later.nanos.length ? nanos : later.nanos;
        long[] shortest = fewer == nanos ? later.nanos.clone() : nanos.clone();
        for (int i = 0; i < fewer.length; i++) {
            shortest[i] = Math.min(shortest[i], fewer[i]);
        }
        return right(way, shortest);
    }

    /** {@return how long a copy of a size takes, there and back, in nanoseconds} */
    long nanos(int size) {
        return nanos[2 * size] + nanos[2 * size + 1];
    }

    /** {@return how long it takes a byte at some sizes alike, to be compared with other ways} */
    double cost(int first, int last) {
        double cost = 1;
        for (int size = first; size <= last; size++) {
            cost *= (double) nanos(size) / SIZES[size];
        }
        return Math.pow(cost, 1.0 / (last - first + 1));
    }

    /** {@return GiB/s to the device, or home, in words} */
    private String rate(int size, int direction) {
        double seconds = nanos[2 * size + direction] / 1e9;
        return String.format(Locale.ROOT, "%.1f", SIZES[size] / seconds / (1L << 30));
    }

    /**
     * {@return what it did with copies of a size, such as {@code straight 4.1 GiB/s in, 3.9 out}}
     */
    String words(int size) {
        return way.word()
                + (isRight()
                        ? " " + rate(size, 0) + " GiB/s in, " + rate(size, 1) + " out"
                        : " not: " + fault);
    }

    /** {@return it as a line of a file, which {@link #parse} reads} */
    String line() {
        return isRight()
                ? way.word() + " right "
                        + Arrays.stream(nanos)
                                .mapToObj(Long::toString)
                                .collect(Collectors.joining(" "))
                : way.word() + (momentary ? " lacks " : " wrong ") + fault;
    }

    /** {@return what a line says, empty if it is none} */
    static Optional<WayFinding> parse(String line) {
        String[] words = line.split(" ", 3);
        Optional<CopyWay> way = words.length == 3 ? CopyWay.of(words[0]) : Optional.empty();
        if (way.isEmpty() || words[2].isBlank()) {
            return Optional.empty();
        }
        return switch (words[1]) {
            case "right" -> numbers(words[2]).map(nanos -> right(way.get(), nanos));
            case "wrong" -> Optional.of(wrong(way.get(), words[2]));
            case "lacks" -> Optional.of(lacking(way.get(), words[2]));
            default -> Optional.empty();
        };
    }

    private static Optional<long[]> numbers(String text) {
        try {
            String[] words = text.split(" ");
            if (words.length % 2 != 0
                    || words.length < 2 * SIZES_MIN
                    || words.length > 2 * SIZES.length) {
                return Optional.empty();
            }
            long[] nanos = new long[words.length];
            for (int i = 0; i < words.length; i++) {
                nanos[i] = Long.parseLong(words[i]);
                if (nanos[i] <= 0 || nanos[i] > NANOS_MAX) {
                    return Optional.empty();
                }
            }
            return Optional.of(nanos);
        } catch (NumberFormatException garbage) {
            return Optional.empty();
        }
    }
}
