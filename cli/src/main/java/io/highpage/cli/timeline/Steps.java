// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Numbers over time, side by side in columns: a row for each step of time in which one of them
 * changes. Steps are as short as a bound on the number of rows allows: when there are more, steps
 * become twice as long, and two rows one. So a stretch in which little happens is as fine as one in
 * which much does. Steps begin at multiples of their length from the start of the recording.
 */
final class Steps {
    /** Lengths are powers of two of nanoseconds: at first 16 µs, in which hardly anything moves. */
    private static final int FINEST = 14;

    private final Axis axis;
    private final Rule rule;
    private final int rowsMax;
    private int shift = FINEST;
    private int rows;
    private long[] steps = new long[4];
    private long[] @Nullable [] columns = new long[0][];
    private long[] now = new long[0];
    private long[] most = new long[0];

    /** What numbers of one step become. */
    enum Rule {
        /** The last one, which stays until there is another. */
        LAST,
        /** The most, which stays until there is another. */
        MOST,
        /** The sum, which is of its step alone. */
        SUM
    }

    Steps(Axis axis, Rule rule, int rowsMax) {
        this.axis = axis;
        this.rule = rule;
        this.rowsMax = rowsMax;
        if (rule != Rule.SUM) {
            steps[rows++] = axis.from() >> shift; // zero until something is known
        }
    }

    /** {@return how long a step is, in nanoseconds} */
    long stepNanos() {
        return 1L << shift;
    }

    int rows() {
        return rows;
    }

    /** {@return when a row begins, in steps} */
    long step(int row) {
        return steps[row];
    }

    /** {@return the number of a column in a row} */
    long value(int row, int column) {
        long[] values = column < columns.length ? columns[column] : null;
        return values == null ? 0 : values[row];
    }

    /** {@return the number of a column as it was set last} */
    long now(int column) {
        return column < now.length ? now[column] : 0;
    }

    /** {@return the most that a column was} */
    long most(int column) {
        return column < most.length ? most[column] : 0;
    }

    private long[] column(int column) {
        if (column >= columns.length) {
            columns = Arrays.copyOf(columns, column + 1);
            now = Arrays.copyOf(now, column + 1);
            most = Arrays.copyOf(most, column + 1);
        }
        long[] values = columns[column];
        if (values == null) {
            values = new long[steps.length];
            columns[column] = values;
        }
        return values;
    }

    /** Sets what a column is from a time on. What comes late counts for the last row. */
    void set(long time, int column, long value) {
        long[] values = column(column);
        long before = values[rows - 1];
        long step = axis.clamp(time) >> shift;
        now[column] = value;
        most[column] = time < axis.from() ? value : Math.max(most[column], value);
        if (step <= steps[rows - 1]) {
            values[rows - 1] = rule == Rule.MOST ? Math.max(before, value) : value;
        } else if (value != before) {
            insert(rows, step);
            column(column)[rows - 1] = value;
            bound();
        }
    }

    /** Adds to what a column was all the time, since that becomes known only now. */
    void lift(int column, long more) {
        long[] values = column(column);
        for (int row = 0; row < rows; row++) {
            values[row] += more;
        }
        now[column] += more;
        most[column] += more;
    }

    /** Adds to a column evenly over a time; what of that is outside of the axis is left out. */
    void spread(long from, long to, int column, long amount) {
        long start = axis.clamp(from);
        long end = axis.clamp(to);
        if (from >= to || start == end) {
            add(to, column, amount);
            return;
        }
        while (end - start >> shift > rowsMax) {
            halve();
        }
        double share = (double) amount / (to - from);
        long given = Math.round(share * (start - from));
        for (long step = start >> shift; step <= end - 1 >> shift; step++) {
            long until = Math.round(share * (Math.min(end, step + 1 << shift) - from));
            int row = rowOf(step); // which may need longer columns
            column(column)[row] += until - given;
            given = until;
        }
        bound();
    }

    /** Adds to a column at a time; what is outside of a part is left out. */
    void add(long time, int column, long more) {
        if (!axis.isPart() || axis.clamp(time) == time) {
            int row = rowOf(axis.clamp(time) >> shift);
            column(column)[row] += more;
            bound();
        }
    }

    private int rowOf(long step) {
        int row = rows > 0 && steps[rows - 1] < step
                ? -rows - 1
                : Arrays.binarySearch(steps, 0, rows, step);
        if (row < 0) {
            row = -row - 1;
            insert(row, step);
        }
        return row;
    }

    /** A row with what was before, if that stays. */
    private void insert(int row, long step) {
        if (rows == steps.length) {
            steps = Arrays.copyOf(steps, rows * 2);
            for (int i = 0; i < columns.length; i++) {
                long[] values = columns[i];
                columns[i] = values == null ? null : Arrays.copyOf(values, rows * 2);
            }
        }
        System.arraycopy(steps, row, steps, row + 1, rows - row);
        steps[row] = step;
        for (long[] values : columns) {
            if (values != null) {
                System.arraycopy(values, row, values, row + 1, rows - row);
                values[row] = rule == Rule.SUM ? 0 : values[row - 1];
            }
        }
        rows++;
    }

    private void bound() {
        while (rows > rowsMax) {
            halve();
        }
    }

    private void halve() {
        shift++;
        int kept = 0;
        for (int row = 0; row < rows; row++) {
            long step = steps[row] >> 1;
            boolean isNew = kept == 0 || steps[kept - 1] != step;
            kept += isNew ? 1 : 0;
            steps[kept - 1] = step;
            for (long[] values : columns) {
                if (values != null) {
                    values[kept - 1] =
                            isNew ? values[row] : together(values[kept - 1], values[row]);
                }
            }
        }
        rows = kept;
    }

    private long together(long first, long second) {
        return switch (rule) {
            case LAST -> second;
            case MOST -> Math.max(first, second);
            case SUM -> first + second;
        };
    }

    /** Makes steps longer until all have few enough rows together. */
    static void fit(List<Steps> all, int rowsMax) {
        while (all.stream().mapToInt(Steps::rows).sum() > rowsMax) {
            all.stream().max(Comparator.comparingInt(Steps::rows)).orElseThrow().halve();
        }
    }

    private Steps copy() {
        Steps copy = new Steps(axis, rule, rowsMax);
        copy.shift = shift;
        copy.rows = rows;
        copy.steps = steps.clone();
        copy.columns = columns.clone();
        copy.now = now.clone();
        copy.most = most.clone();
        for (int i = 0; i < columns.length; i++) {
            long[] values = columns[i];
            copy.columns[i] = values == null ? null : values.clone();
        }
        return copy;
    }

    /**
     * {@return what is left of numbers that stay, without some of their parts} In the longest steps
     * of all of these: only at the end of those what each is then is known.
     */
    static Steps rest(Steps whole, List<Steps> parts) {
        Steps rest = whole.copy();
        int longest = Math.max(
                whole.shift, parts.stream().mapToInt(part -> part.shift).max().orElse(0));
        List<Steps> less = parts.stream().map(Steps::copy).toList();
        TreeSet<Long> changes = new TreeSet<>();
        rest.to(longest, changes);
        less.forEach(part -> part.to(longest, changes));
        Steps left = new Steps(rest.axis, rest.rule, Integer.MAX_VALUE);
        left.to(longest, changes);
        for (long step : changes) {
            for (int column = 0; column < rest.columns.length; column++) {
                long value = rest.at(step, column);
                for (Steps part : less) {
                    value -= part.at(step, column);
                }
                left.set(step << longest, column, value);
            }
        }
        return left;
    }

    private void to(int longest, TreeSet<Long> changes) {
        while (shift < longest) {
            halve();
        }
        for (int row = 0; row < rows; row++) {
            changes.add(steps[row]);
        }
    }

    /** {@return what a column is at the end of a step} */
    private long at(long step, int column) {
        int row = Arrays.binarySearch(steps, 0, rows, step);
        int known = row >= 0 ? row : -row - 2;
        return known < 0 ? 0 : value(known, column);
    }
}
