// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.UserError;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;

/** Makes manual pages. */
@Command(
        name = "man",
        description = {
            "Print the manual page of a command, for man.",
            "To read one: highpage man run | man -l -. To keep it: highpage man run >"
                    + " ~/.local/share/man/man1/highpage-run.1"
        },
        mixinStandardHelpOptions = true,
        versionProvider = HighpageCommand.Version.class)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class ManCommand implements Runnable {
    @Parameters(
            arity = "0..1",
            paramLabel = "COMMAND",
            description = "The command; highpage itself if not given.")
    private @Nullable String command;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        CommandLine found = spec.root().commandLine();
        if (command != null) {
            found = found.getSubcommands().get(command);
            if (found == null) {
                throw UserError.usage("there is no command '" + command + "'");
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(ManualPage.of(found.getCommandSpec()));
        out.flush();
    }
}
