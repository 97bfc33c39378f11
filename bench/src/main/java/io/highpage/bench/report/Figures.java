// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.bench.Quantity;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All that was measured in one run, and why the rest was not. Confined to one thread. */
public final class Figures {
    private final List<Figure> figures = new ArrayList<>();
    private final List<Quantity> quantities = new ArrayList<>();
    private final Map<String, String> reasons = new LinkedHashMap<>();

    /** Adds what was measured. */
    void add(Figure figure) {
        figures.add(figure);
    }

    /** Adds what was counted, or measured without JMH. */
    void add(Quantity quantity) {
        quantities.add(quantity);
    }

    /** Remembers why benchmarks whose names start so have no figures. */
    void miss(String prefix, String reason) {
        reasons.putIfAbsent(prefix, reason);
    }

    /** {@return all figures, in the order measured} */
    public List<Figure> all() {
        return List.copyOf(figures);
    }

    /** {@return all quantities, in the order measured} */
    public List<Quantity> quantities() {
        return List.copyOf(quantities);
    }

    /**
     * {@return the quantity of a name}
     *
     * @throws NotMeasured if there is none
     */
    Quantity quantity(String name) {
        return quantities.stream()
                .filter(quantity -> quantity.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new NotMeasured(reason(name)));
    }

    /** {@return the figure of a benchmark on one thread with the default copier} */
    Figure of(String benchmark, Object... params) {
        return of(Copying.DEFAULT, 1, benchmark, params);
    }

    /**
     * {@return the one figure of a benchmark}
     *
     * @param params name, value, name, value: those that tell it from its others
     * @throws NotMeasured if there is none
     */
    Figure of(Copying copying, int threads, String benchmark, Object... params) {
        List<Figure> found = figures.stream()
                .filter(figure -> figure.benchmark().equals(benchmark)
                        && figure.copying() == copying
                        && figure.threads() == threads
                        && has(figure.params(), params))
                .toList();
        if (found.isEmpty()) {
            throw new NotMeasured(reason(benchmark));
        }
        if (found.size() > 1) {
            throw new IllegalStateException("which one of " + found);
        }
        return found.getFirst();
    }

    /** {@return those of some benchmarks that were measured} */
    List<Figure> any(List<String> benchmarks, Object... params) {
        return figures.stream()
                .filter(figure ->
                        benchmarks.contains(figure.benchmark()) && has(figure.params(), params))
                .toList();
    }

    private static boolean has(Map<String, String> params, Object... wanted) {
        for (int i = 0; i < wanted.length; i += 2) {
            if (!String.valueOf(wanted[i + 1]).equals(params.get((String) wanted[i]))) {
                return false;
            }
        }
        return true;
    }

    private String reason(String benchmark) {
        return reasons.entrySet().stream()
                .filter(entry -> benchmark.startsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(benchmark + " failed, see the log");
    }
}
