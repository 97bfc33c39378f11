// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.bench.Quantity;
import io.highpage.bench.report.Row;
import io.highpage.bench.report.Target;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What was found: rows with goals, and quantities without. Confined to one thread. */
final class Findings {
    private final List<Row> rows = new ArrayList<>();
    private final List<Quantity> quantities = new ArrayList<>();

    List<Row> rows() {
        return List.copyOf(rows);
    }

    List<Quantity> quantities() {
        return List.copyOf(quantities);
    }

    /** Adds something that was counted or looked at. */
    void add(String name, double value, String unit, String note) {
        quantities.add(new Quantity("spark." + name, value, unit, note));
    }

    /** Adds the times of jobs, a quantity each. */
    void add(String group, Map<String, Times> times) {
        times.forEach(
                (job, each) -> add(group + " by " + job, each.median() / 1e6, "ms", each.text()));
    }

    /**
     * Adds a row: how many times as long a job takes as another, by medians.
     *
     * @param name of the row
     * @param what is compared
     * @param most what it may be
     */
    void atMost(String name, String what, double most, Times job, Times other) {
        String note = job.text() + " against " + other.text() + ", " + job.rounds() + " rounds";
        atMost(name, what, most, job.median() / other.median(), note);
    }

    /** Adds a row of what was compared in another way. */
    void atMost(String name, String what, double most, double ratio, String note) {
        rows.add(Row.of("spark-" + name, what, Target.atMost(most), ratio, note));
    }
}
