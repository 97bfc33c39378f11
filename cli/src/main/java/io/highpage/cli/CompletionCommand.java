// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;

/** Lets shells complete commands and options. */
@Command(
        name = "completion",
        description = {
            "Print what bash and zsh need to complete commands and options.",
            "For this shell: source <(highpage completion). For all of bash: highpage completion"
                    + " > ~/.local/share/bash-completion/completions/highpage"
        },
        mixinStandardHelpOptions = true,
        versionProvider = HighpageCommand.Version.class)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class CompletionCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(AutoComplete.bash("highpage", spec.root().commandLine()));
        out.flush();
    }
}
