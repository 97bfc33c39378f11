// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.bench.Numbers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Draws the throughput of round trips by size, Highpage and what else there is, from a stored
 * result. Written as SVG by hand: a chart library (XChart) needs AWT and fonts, and draws text as
 * outlines, half a megabyte for these lines.
 */
public final class Chart {
    /**
     * What the legend says, in which colour, and the benchmarks whose fastest it is at each size.
     */
    private record Series(String name, String colour, String benchmarks) {}

    private static final List<Series> SERIES = List.of(
            new Series("Highpage", "#c1272d", "highpage"),
            new Series("memcpy, host to host", "#666666", "baselineMemcpy"),
            new Series("clEnqueueSVMMemcpy", "#0072b2", "(jocl|lwjgl)SvmMemcpy"),
            new Series("clEnqueueWrite/ReadBuffer", "#009e73", "(jocl|lwjgl)WriteAndRead"),
            new Series("map, copy, unmap", "#e69f00", "(jocl|lwjgl)MapAndCopy"),
            new Series("through a Java array", "#cc79a7", "(jocl|lwjgl)ThroughArray"));

    private static final int WIDTH = 760;
    private static final int HEIGHT = 400;
    private static final int LEFT = 60;
    private static final int RIGHT = 560;
    private static final int TOP = 45;
    private static final int BOTTOM = 350;
    private static final int GRID_LINES = 5;

    private final Map<Series, Map<Long, Double>> points = new LinkedHashMap<>();
    private final StringBuilder svg = new StringBuilder();
    private final long least;
    private final long most;
    private final double step;

    private Chart(Report report) {
        for (Series series : SERIES) {
            Map<Long, Double> found = throughput(report, "PeersBenchmark." + series.benchmarks());
            if (!found.isEmpty()) {
                points.put(series, found);
            }
        }
        if (points.isEmpty()) {
            throw new IllegalArgumentException(
                    "the result has no figures of PeersBenchmark, which needs OpenCL");
        }
        least = sizes().getFirst();
        most = Math.max(sizes().getLast(), 2 * least);
        step = Math.ceil(highest() / GRID_LINES);
    }

    /**
     * {@return the chart as SVG}
     *
     * @param report with figures of round trips
     * @throws IllegalArgumentException if it has none
     */
    public static String svg(Report report) {
        return new Chart(report).draw(report.machine());
    }

    /** {@return gigabytes a second by bytes; a byte a nanosecond is one} */
    private static Map<Long, Double> throughput(Report report, String benchmarks) {
        Map<Long, Double> found = new TreeMap<>();
        for (Figure figure : report.figures()) {
            if (figure.benchmark().matches(benchmarks) && isOf(report.machine(), figure)) {
                long bytes = Long.parseLong(figure.params().get("bufferBytes"));
                found.merge(bytes, 2 * bytes / figure.nanos(), Math::max);
            }
        }
        return found;
    }

    private static boolean isOf(Machine machine, Figure figure) {
        return machine.openClDevice().startsWith(figure.params().get("device") + ":");
    }

    private List<Long> sizes() {
        return points.values().stream()
                .flatMap(each -> each.keySet().stream())
                .distinct()
                .sorted()
                .toList();
    }

    private double highest() {
        return points.values().stream()
                .flatMap(each -> each.values().stream())
                .mapToDouble(Double::doubleValue)
                .max()
                .orElseThrow();
    }

    private double x(long bytes) {
        return LEFT
                + (RIGHT - LEFT)
                        * Math.log((double) bytes / least)
                        / Math.log((double) most / least);
    }

    private double y(double throughput) {
        return BOTTOM - (BOTTOM - TOP) * throughput / (step * GRID_LINES);
    }

    private String draw(Machine machine) {
        line(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d'"
                        + " font-family='sans-serif' font-size='12'>",
                WIDTH, HEIGHT);
        line("<rect width='%d' height='%d' fill='white'/>", WIDTH, HEIGHT);
        text(LEFT, 22, "start", "Round trip host, device, host: GB/s by size, both ways counted");
        axes();
        int legend = TOP + 20;
        for (Map.Entry<Series, Map<Long, Double>> each : points.entrySet()) {
            curve(each.getKey(), each.getValue(), legend);
            legend += 22;
        }
        text(LEFT, HEIGHT - 8, "start", machine.openClDevice());
        line("</svg>");
        return svg.toString();
    }

    private void axes() {
        for (int i = 0; i <= GRID_LINES; i++) {
            double at = y(i * step);
            line(
                    "<line x1='%d' y1='%.1f' x2='%d' y2='%.1f' stroke='#dddddd'/>",
                    LEFT, at, RIGHT, at);
            text(LEFT - 8, at + 4, "end", Numbers.text(i * step));
        }
        sizes().forEach(bytes -> text(x(bytes), BOTTOM + 18, "middle", Numbers.size(bytes)));
    }

    private void curve(Series series, Map<Long, Double> curve, int legend) {
        String path = curve.entrySet().stream()
                .map(point -> String.format(
                        Locale.ROOT, "%.1f,%.1f", x(point.getKey()), y(point.getValue())))
                .collect(Collectors.joining(" "));
        line(
                "<polyline points='%s' fill='none' stroke='%s' stroke-width='2'/>",
                path, series.colour());
        curve.forEach((bytes, throughput) -> line(
                "<circle cx='%.1f' cy='%.1f' r='3' fill='%s'/>",
                x(bytes), y(throughput), series.colour()));
        line(
                "<rect x='%d' y='%d' width='14' height='4' fill='%s'/>",
                RIGHT + 15, legend - 6, series.colour());
        text(RIGHT + 35, legend, "start", series.name());
    }

    private void text(double x, double y, String anchor, String text) {
        String escaped = text.replace("&", "&amp;").replace("<", "&lt;");
        line("<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>", x, y, anchor, escaped);
    }

    private void line(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
