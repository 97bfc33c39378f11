// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import java.util.Locale;
import java.util.Map;

/**
 * Draws what the policies move, a line for each trace: SVG by hand, as the chart of round trips.
 */
public final class PolicyChart {
    private static final Map<Policy, String> COLOURS = Map.of(
            Policy.HIGHPAGE, "#c1272d",
            Policy.LRU, "#666666",
            Policy.LIRS, "#0072b2",
            Policy.SIEVE, "#009e73",
            Policy.S3_FIFO, "#e69f00",
            Policy.FREQUENCY, "#cc79a7");

    private static final int LEFT = 130;
    private static final int RIGHT = 600;
    private static final int WIDTH = 760;
    private static final int TOP = 50;
    private static final int LINE = 22;
    private static final double MOST = 8;

    private final StringBuilder svg = new StringBuilder();

    private PolicyChart() {}

    /** {@return the chart as SVG} */
    public static String svg(Results results) {
        return new PolicyChart().draw(results);
    }

    private String draw(Results results) {
        int bottom = TOP + results.traces().size() * LINE;
        line(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d'"
                        + " font-family='sans-serif' font-size='12'>",
                WIDTH, bottom + 40);
        line("<rect width='%d' height='%d' fill='white'/>", WIDTH, bottom + 40);
        text(LEFT, 20, "start", "Bytes moved, to those that no policy can do without");
        for (double ratio : new double[] {1, 1.25, 1.5, 2, 3, 4, 6, MOST}) {
            line(
                    "<line x1='%.1f' y1='%d' x2='%.1f' y2='%d' stroke='#dddddd'/>",
                    x(ratio), TOP - 10, x(ratio), bottom);
            text(x(ratio), bottom + 18, "middle", String.valueOf(ratio).replace(".0", ""));
        }
        int y = TOP;
        for (Result result : results.traces()) {
            text(LEFT - 10, y + 4, "end", result.trace());
            for (Policy policy : Policy.values()) {
                if (policy.isPeer()) {
                    dot(policy, x(result.toOptimum(policy)), y, 4);
                }
            }
            dot(Policy.HIGHPAGE, x(result.toOptimum(Policy.HIGHPAGE)), y, 6);
            y += LINE;
        }
        y = TOP;
        for (Policy policy : Policy.values()) {
            if (policy != Policy.OPTIMUM) {
                dot(policy, RIGHT + 30, y, policy == Policy.HIGHPAGE ? 6 : 4);
                text(RIGHT + 42, y + 4, "start", policy.title());
                y += LINE;
            }
        }
        line("</svg>");
        return svg.toString();
    }

    private static double x(double ratio) {
        double share = Math.log(Math.clamp(ratio, 1, MOST)) / Math.log(MOST);
        return LEFT + (RIGHT - LEFT) * share;
    }

    private void dot(Policy policy, double x, double y, int radius) {
        line(
                "<circle cx='%.1f' cy='%.1f' r='%d' fill='%s' fill-opacity='0.8'/>",
                x, y, radius, COLOURS.get(policy));
    }

    private void text(double x, double y, String anchor, String text) {
        line("<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>", x, y, anchor, text);
    }

    private void line(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
