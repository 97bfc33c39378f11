// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a command's help says, in the language of man. Picocli has a generator of its own, for
 * AsciiDoc, which needs a second one to become this.
 */
final class ManualPage {
    private final StringBuilder text = new StringBuilder();

    private ManualPage() {}

    /** {@return the page of a command} */
    static String of(CommandSpec command) {
        ManualPage page = new ManualPage();
        UsageMessageSpec usage = command.usageMessage();
        String name = command.qualifiedName("-");
        page.macro("TH " + name.toUpperCase(Locale.ROOT) + " 1 \"\" highpage");
        page.heading("NAME");
        page.line(name + " - " + usage.description()[0]);
        page.heading("SYNOPSIS");
        page.macro("B " + command.qualifiedName().replace("-", "\\-"));
        page.line(synopsis(command));
        page.heading("DESCRIPTION");
        for (String paragraph : usage.description()) {
            page.macro("PP");
            page.line(paragraph);
        }
        page.words(command);
        page.end(usage);
        return page.text.toString();
    }

    private void words(CommandSpec command) {
        if (!command.subcommands().isEmpty()) {
            heading("COMMANDS");
            command.subcommands()
                    .forEach((word, sub) ->
                            item(word, sub.getCommandSpec().usageMessage().description()[0]));
        }
        heading("OPTIONS");
        for (PositionalParamSpec each : command.positionalParameters()) {
            item(each.paramLabel(), String.join(" ", each.description()));
        }
        for (OptionSpec each : command.options()) {
            item(names(each), String.join(" ", each.description()));
        }
    }

    private void end(UsageMessageSpec usage) {
        if (!usage.exitCodeList().isEmpty()) {
            heading("EXIT STATUS");
            usage.exitCodeList().forEach(this::item);
        }
        if (usage.footer().length > 0) {
            heading("NOTES");
            Stream.of(usage.footer()).forEach(line -> {
                macro("br");
                line(line.strip());
            });
        }
    }

    private static String synopsis(CommandSpec command) {
        String words = command.positionalParameters().stream()
                .map(each -> each.required() ? each.paramLabel() : "[" + each.paramLabel() + "]")
                .collect(Collectors.joining(" "));
        String required = command.options().stream()
                .filter(OptionSpec::required)
                .map(ManualPage::names)
                .collect(Collectors.joining(" "));
        return Stream.of(
                        command.subcommands().isEmpty() ? "" : "COMMAND",
                        words,
                        required,
                        "[OPTION...]")
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(" "));
    }

    private static String names(OptionSpec option) {
        String names = String.join(", ", List.of(option.names()));
        return option.arity().max() == 0 ? names : names + " " + option.paramLabel();
    }

    private void heading(String words) {
        macro("SH " + words);
    }

    private void item(String word, String words) {
        macro("TP");
        macro("B \"" + escaped(word) + "\"");
        line(words);
    }

    private void macro(String words) {
        text.append('.').append(words).append('\n');
    }

    /** A line of text, which is none of commands whatever it begins with. */
    private void line(String words) {
        text.append("\\&").append(escaped(words)).append('\n');
    }

    private static String escaped(String words) {
        return words.replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("\"", "\\(dq")
                .replace('\n', ' ');
    }
}
