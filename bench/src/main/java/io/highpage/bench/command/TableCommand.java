// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.command;

import io.highpage.bench.report.PerformanceTable;
import io.highpage.bench.report.Report;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** The command {@code highpage bench table}. */
@Command(
        name = "table",
        description = "Print the table of docs/performance.md from stored results.",
        mixinStandardHelpOptions = true)
final class TableCommand implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "Results of --json; a later one's rows replace an earlier one's if they"
                    + " were measured.")
    private List<Path> files;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Map<String, Report> reports = new LinkedHashMap<>();
        for (Path file : files) {
            reports.put(file.toString(), Report.read(file));
        }
        spec.commandLine().getOut().print(PerformanceTable.markdown(reports));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
