// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.Descriptors;
import io.highpage.cli.console.OutputFile;

import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/** How a command talks; every command has these. */
final class OutputOptions {
    @Option(names = "--json", description = "Print one JSON object instead of text.")
    boolean json;

    @Option(names = "--debug", description = "Show where in the program an error came from.")
    boolean debug;

    /** Says what killed runs have left beside the files to be written. */
    void tellOfLeftovers(List<Path> outputs, PrintWriter err) {
        outputs.stream()
                .flatMap(path -> OutputFile.leftovers(path).stream())
                .distinct()
                .forEach(text -> err.println("highpage: " + text));
        err.flush();
    }

    /** {@return where the report goes}: a result that goes to standard output has it for itself. */
    PrintWriter report(List<Path> outputs, CommandLine command) {
        return outputs.stream().anyMatch(Descriptors::isStandardOutput)
                ? command.getErr()
                : command.getOut();
    }

    static boolean json(ParseResult parsed) {
        return given(parsed, "--json");
    }

    static boolean debug(ParseResult parsed) {
        return given(parsed, "--debug") || System.getenv("HIGHPAGE_DEBUG") != null;
    }

    private static boolean given(ParseResult parsed, String option) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        return last.hasMatchedOption(option);
    }
}
