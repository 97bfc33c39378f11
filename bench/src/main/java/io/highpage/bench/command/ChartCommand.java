// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.command;

import io.highpage.bench.report.Chart;
import io.highpage.bench.report.Report;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** The command {@code highpage bench chart}. */
@Command(
        name = "chart",
        description = "Draw the throughput of round trips by size from a stored result.",
        mixinStandardHelpOptions = true)
final class ChartCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "A result of --json.")
    private Path file;

    @Option(names = "-o", required = true, paramLabel = "SVG", description = "The chart.")
    private Path chart;

    @Override
    public Integer call() throws IOException {
        Files.writeString(chart, Chart.svg(Report.read(file)));
        return 0;
    }
}
