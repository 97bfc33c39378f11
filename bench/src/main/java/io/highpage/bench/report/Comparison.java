// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.bench.Numbers;

import java.util.Comparator;
import java.util.List;

/**
 * Two measurements against each other.
 *
 * @param ratio of the two
 * @param note both of them in words
 */
record Comparison(double ratio, String note) {

    /** How many times as long the subject takes as the baseline. */
    static Comparison cost(Figure subject, Figure baseline) {
        return new Comparison(subject.nanos() / baseline.nanos(), against(subject, baseline));
    }

    /** How many times as fast the subject is as the baseline. */
    static Comparison speed(Figure subject, Figure baseline) {
        return new Comparison(baseline.nanos() / subject.nanos(), against(subject, baseline));
    }

    /** How many times as fast the subject is as the fastest of others. */
    static Comparison speed(Figure subject, List<Figure> others) {
        Figure best = others.stream()
                .min(Comparator.comparingDouble(Figure::nanos))
                .orElseThrow(() -> new NotMeasured("no peer was measured"));
        String method = best.benchmark().substring(best.benchmark().indexOf('.') + 1);
        return new Comparison(
                best.nanos() / subject.nanos(),
                against(subject, best) + " by " + method + ", the best of " + others.size());
    }

    /** The largest of costs a page over the smallest. */
    static Comparison spread(List<Figure> figures, boolean aPage) {
        List<Double> costs = figures.stream()
                .map(figure ->
                        figure.nanos() / (aPage ? Long.parseLong(figure.params().get("pages")) : 1))
                .toList();
        double least = costs.stream().min(Comparator.naturalOrder()).orElseThrow();
        double most = costs.stream().max(Comparator.naturalOrder()).orElseThrow();
        List<String> texts = costs.stream().map(Numbers::text).toList();
        return new Comparison(
                most / least, "ns" + (aPage ? " a page" : "") + ": " + String.join(", ", texts));
    }

    private static String against(Figure subject, Figure baseline) {
        return Numbers.time(subject.nanos()) + " against " + Numbers.time(baseline.nanos());
    }
}
