// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Draws the throughput of round trips by size, Highpage and what else there is, from a stored result. */
public final class Chart {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 420;

    /** Name in the legend, and the benchmarks whose fastest it is at each size. */
    private static final Map<String, String> SERIES = new LinkedHashMap<>();

    static {
        SERIES.put("Highpage", "highpage");
        SERIES.put("memcpy, host to host", "baselineMemcpy");
        SERIES.put("clEnqueueSVMMemcpy", "(jocl|lwjgl)SvmMemcpy");
        SERIES.put("clEnqueueWrite/ReadBuffer", "(jocl|lwjgl)WriteAndRead");
        SERIES.put("map, copy, unmap", "(jocl|lwjgl)MapAndCopy");
    }

    private Chart() {}

    /**
     * Writes the chart.
     *
     * @param report with figures of round trips
     * @param file an SVG file, which is replaced
     * @throws IOException if it cannot be written
     * @throws IllegalArgumentException if the report has no such figures
     */
    public static void write(Report report, Path file) throws IOException {
        System.setProperty("java.awt.headless", "true");
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("Round trip host - device - host")
                .xAxisTitle("bytes; " + report.machine().openClDevice())
                .yAxisTitle("GB/s, both ways counted")
                .build();
        chart.getStyler().setXAxisLogarithmic(true).setLegendPosition(LegendPosition.OutsideE);
        SERIES.forEach((name, benchmarks) -> add(chart, name, throughput(report, "PeersBenchmark." + benchmarks)));
        if (chart.getSeriesCollection().isEmpty()) {
            throw new IllegalArgumentException("the result has no figures of PeersBenchmark, which needs OpenCL");
        }
        VectorGraphics2D drawing = new VectorGraphics2D();
        chart.paint(drawing, WIDTH, HEIGHT);
        try (OutputStream out = Files.newOutputStream(file)) {
            Processors.get("svg")
                    .getDocument(drawing.getCommands(), new PageSize(0, 0, WIDTH, HEIGHT))
                    .writeTo(out);
        }
    }

    private static void add(XYChart chart, String name, Map<Double, Double> points) {
        if (!points.isEmpty()) {
            chart.addSeries(
                    name,
                    points.keySet().stream().mapToDouble(Double::doubleValue).toArray(),
                    points.values().stream().mapToDouble(Double::doubleValue).toArray());
        }
    }

    /** {@return gigabytes a second by bytes; a byte per nanosecond is one} */
    private static Map<Double, Double> throughput(Report report, String benchmarks) {
        Map<Double, Double> points = new TreeMap<>();
        for (Figure figure : report.figures()) {
            if (figure.benchmark().matches(benchmarks)) {
                double bytes = Double.parseDouble(figure.params().get("bufferBytes"));
                points.merge(bytes, 2 * bytes / figure.nanos(), Math::max);
            }
        }
        return points;
    }
}
