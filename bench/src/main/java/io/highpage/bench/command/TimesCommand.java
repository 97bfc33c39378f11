// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.command;

import io.highpage.bench.report.Report;
import io.highpage.bench.report.Tables;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** The command {@code highpage bench times}. */
@Command(
        name = "times",
        description = "Print the times of one class of benchmarks, or a group of quantities, from a"
                + " stored result.",
        mixinStandardHelpOptions = true)
final class TimesCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "CLASS",
            description = "Such as PinStrategyBenchmark, or latency.")
    private String type;

    @Parameters(index = "1", paramLabel = "FILE", description = "A result of --json.")
    private Path file;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Report report = Report.read(file);
        boolean isClass = Character.isUpperCase(type.charAt(0));
        spec.commandLine()
                .getOut()
                .print(isClass ? Tables.times(report, type) : Tables.quantities(report, type));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
