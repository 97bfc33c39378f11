// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.Block;
import io.highpage.cli.console.Json;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.cli.doctor.Doctor;
import io.highpage.cli.doctor.Finding;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/** Examines the machine. */
@Command(
        name = "doctor",
        description = {
            "Show what Highpage finds on this machine: what is there, what is missing, what it"
                    + " costs, how to get it.",
            "Fails only if results may be wrong."
        },
        mixinStandardHelpOptions = true,
        versionProvider = HighpageCommand.Version.class)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class DoctorCommand implements Callable<Integer> {
    private static final int MARGIN = 23;

    @Mixin
    private OutputOptions output;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Finding> findings = new Doctor().examine();
        PrintWriter out = spec.commandLine().getOut();
        if (output.json) {
            out.println(Json.text(
                    Json.object("findings", findings.stream().map(Finding::json).toList())));
        } else {
            findings.forEach(finding -> print(out, finding));
        }
        out.flush();
        boolean wrong =
                findings.stream().anyMatch(finding -> finding.state() == Finding.State.WRONG);
        return wrong ? UserError.FAILED : 0;
    }

    private static void print(PrintWriter out, Finding finding) {
        String state = finding.state().name().toLowerCase(Locale.ROOT);
        List<String> lines = new ArrayList<>(finding.found().lines().toList());
        if (!finding.cost().isEmpty()) {
            lines.add("costs: " + finding.cost());
        }
        if (!finding.remedy().isEmpty()) {
            lines.add("to do: " + finding.remedy());
        }
        String head = Units.format("%-6s %-15s ", state, finding.name());
        Block.lines(head, MARGIN, String.join("\n", lines)).forEach(out::println);
    }
}
