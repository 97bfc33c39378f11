// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.command;

import io.highpage.bench.policy.PolicyChart;
import io.highpage.bench.policy.Results;
import io.highpage.bench.policy.ScarceTraffic;
import io.highpage.bench.policy.Workloads;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/** The command {@code highpage bench policy}. */
@Command(
        name = "policy",
        description = "Replay traces of accesses under Highpage's eviction policy, others, and the"
                + " optimum: how many times as much as the least possible each moves.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Ends with 1 if Highpage's policy moves more than the limit that stands beside a trace"
                    + " allows.",
            "The form of traces is in docs/eviction.md; 'demo' and 'run' record them too."
        })
final class PolicyCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "TRACE",
            defaultValue = "bench/traces",
            description = "Traces, or folders with *.trace; default: bench/traces.")
    private List<Path> traces;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Also write the bytes that each policy moves to a file.")
    private Path json;

    @Option(names = "--chart", paramLabel = "SVG", description = "Also draw a chart.")
    private Path chart;

    @Option(names = "--markdown", description = "Print the table as docs/eviction.md has it.")
    private boolean markdown;

    @Option(
            names = "--generate",
            paramLabel = "FOLDER",
            description = "Only write the generated traces to a folder, the same ones each time.")
    private Path generate;

    @Option(
            names = "--record",
            paramLabel = "FOLDER",
            description = "Only write a trace of threads that work on four times what the device"
                    + " has room for, another one each time, to a folder: threads.trace.")
    private Path record;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (generate != null) {
            Workloads.write(generate);
            return 0;
        }
        if (record != null) {
            ScarceTraffic.record(record, command());
            return 0;
        }
        Results results = Results.of(command(), traces);
        var out = spec.commandLine().getOut();
        if (markdown) {
            out.print(results.markdown());
        } else {
            out.println(results.text());
        }
        if (json != null) {
            Files.writeString(json, results.json());
        }
        if (chart != null) {
            Files.writeString(chart, PolicyChart.svg(results));
        }
        List<String> notKept = results.notKept();
        if (!notKept.isEmpty()) {
            out.println("above the limit: " + String.join(", ", notKept));
        }
        out.flush();
        return notKept.isEmpty() ? 0 : 1;
    }

    private String command() {
        return "./highpage bench "
                + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    }
}
