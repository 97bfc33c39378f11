// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.command;

import io.highpage.bench.policy.Fragmentation;
import io.highpage.bench.policy.FragmentationReport;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** The command {@code highpage bench fragmentation}. */
@Command(
        name = "fragmentation",
        description =
                "Simulate days of random sizes in a device's memory: how much of it is free and of"
                        + " no use where a window finds no piece that is large enough.",
        mixinStandardHelpOptions = true)
final class FragmentationCommand implements Callable<Integer> {
    private static final long MEMORY_BYTES = 8L << 30;

    @Option(
            names = "--windows",
            paramLabel = "N",
            defaultValue = "250000",
            description = "How many are taken of each mix of sizes; default: ${DEFAULT-VALUE}.")
    private long windows;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write it to a file.")
    private Path json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        FragmentationReport report = new FragmentationReport(
                "./highpage bench "
                        + String.join(" ", spec.commandLine().getParseResult().originalArgs()),
                MEMORY_BYTES,
                Fragmentation.days(MEMORY_BYTES, windows));
        spec.commandLine().getOut().print(report.markdown());
        spec.commandLine().getOut().flush();
        if (json != null) {
            Files.writeString(json, report.json());
        }
        return 0;
    }
}
