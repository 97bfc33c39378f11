// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

/**
 * The time of a recording, cut into bins.
 *
 * @param nanos how long it is
 */
record Axis(long nanos) {
    /** More than a screen has columns, few enough for a page of some hundred kilobytes. */
    static final int BINS = 2000;

    /** {@return the bin of a time; the first or last one for what is outside} */
    int bin(long time) {
        return Math.clamp((long) ((double) time / nanos * BINS), 0, BINS - 1);
    }

    /** {@return when a bin begins} */
    long start(int bin) {
        return (long) ((double) nanos * bin / BINS);
    }

    /** Adds to each bin the nanoseconds that an interval has in it. */
    void spread(long from, long to, long[] sums) {
        for (int bin = bin(from); bin <= bin(to); bin++) {
            sums[bin] += Math.max(0, Math.min(to, start(bin + 1)) - Math.max(from, start(bin)));
        }
    }
}
