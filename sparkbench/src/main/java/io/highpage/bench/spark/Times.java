// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.bench.Numbers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How long a job took, round by round, and the processor time of it. Confined to one thread. */
final class Times {
    private final List<Double> walls = new ArrayList<>();
    private final List<Double> processors = new ArrayList<>();

    /** Adds a round, in nanoseconds. */
    void add(double wall, double processor) {
        walls.add(wall);
        processors.add(processor);
    }

    /** {@return the rounds of both} */
    Times and(Times more) {
        Times both = new Times();
        for (Times each : List.of(this, more)) {
            both.walls.addAll(each.walls);
            both.processors.addAll(each.processors);
        }
        return both;
    }

    /** {@return the median in nanoseconds} */
    double median() {
        return median(walls);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static double least(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    /** {@return such as {@code 404 ms (least 301 ms; processors 450 ms)}} */
    String text() {
        return String.format(
                Locale.ROOT,
                "%s (least %s; processors %s)",
                Numbers.time(median()),
                Numbers.time(least(walls)),
                Numbers.time(median(processors)));
    }

    /** {@return how many there are} */
    int rounds() {
        return walls.size();
    }
}
