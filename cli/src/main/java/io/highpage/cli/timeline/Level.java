// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import java.util.Arrays;

/** A number that changes over time: what it is at the end of each bin. Keeps only changes. */
final class Level {
    private int[] bins = new int[4];
    private long[] values = new long[4];
    private int count;
    private long before;
    private long now;
    private long most;

    /** {@return what it is now} */
    long now() {
        return now;
    }

    /** {@return the most that it was} */
    long most() {
        return most;
    }

    /** Sets it; bins never become less, what comes late counts for the last one. */
    void set(int bin, long value) {
        now = value;
        most = Math.max(most, value);
        if (count > 0 && bins[count - 1] >= bin) {
            values[count - 1] = value;
            return;
        }
        if (value == (count == 0 ? before : values[count - 1])) {
            return;
        }
        if (count == bins.length) {
            bins = Arrays.copyOf(bins, count * 2);
            values = Arrays.copyOf(values, count * 2);
        }
        bins[count] = bin;
        values[count++] = value;
    }

    /** Sets it where that is more than it was in the bin. */
    void setMost(int bin, long value) {
        boolean sameBin = count > 0 && bins[count - 1] >= bin;
        set(bin, sameBin ? Math.max(value, values[count - 1]) : value);
        now = value;
    }

    /** Adds to what it was all the time, since that becomes known only now. */
    void lift(long more) {
        before += more;
        now += more;
        most += more;
        for (int i = 0; i < count; i++) {
            values[i] += more;
        }
    }

    /** {@return the value of each bin} */
    long[] dense() {
        long[] dense = new long[Axis.BINS];
        long value = before;
        int next = 0;
        for (int bin = 0; bin < dense.length; bin++) {
            if (next < count && bins[next] <= bin) {
                value = values[next++];
            }
            dense[bin] = Math.max(0, value);
        }
        return dense;
    }
}
