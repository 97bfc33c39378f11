// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** How a command talks; every command has these. */
final class OutputOptions {
    @Option(names = "--json", description = "Print one JSON object instead of text.")
    boolean json;

    @Option(names = "--debug", description = "Show where in the program an error came from.")
    boolean debug;

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
