// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.bench.Numbers;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reports as text. */
public final class Tables {
    private static final int WIDTH = 80;
    private static final String INDENT = "    ";

    private Tables() {}

    /** {@return the rows for a terminal: the figures of each in a line, its words below} */
    public static String text(Report report) {
        StringBuilder text = new StringBuilder();
        for (Row row : report.rows()) {
            text.append(String.format(
                            "%-28s %10s   %-12s %s",
                            row.name(), row.ratioText(), row.targetText(), row.metText())
                    .stripTrailing());
            text.append('\n');
            for (String words : List.of(row.what(), row.note())) {
                wrapped(words).forEach(line -> text.append(INDENT).append(line).append('\n'));
            }
        }
        return text.toString();
    }

    private static List<String> wrapped(String words) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : words.split(" ")) {
            if (!line.isEmpty() && INDENT.length() + line.length() + 1 + word.length() > WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    /** {@return the quantities, a line each} */
    public static String quantities(Report report) {
        return report.quantities().stream()
                .map(found -> found.name() + ": " + Numbers.text(found.value()) + " " + found.unit()
                        + " (" + found.note() + ")\n")
                .collect(Collectors.joining());
    }

    /**
     * {@return the quantities of a group as a Markdown table}
     *
     * @param report with quantities
     * @param group the first part of their names
     */
    public static String quantities(Report report, String group) {
        StringBuilder text = new StringBuilder("| " + group + " | |\n| --- | --- |\n");
        report.quantities().stream()
                .filter(found -> found.name().startsWith(group + "."))
                .forEach(found -> text.append(
                        line(found.name().substring(group.length() + 1), List.of(found.note()))));
        return text.toString();
    }

    /**
     * {@return the times of a class as a Markdown table: a line for each combination of parameters,
     * a column for each method}
     *
     * @param report with figures
     * @param type the class's name
     */
    public static String times(Report report, String type) {
        Map<String, Map<String, String>> lines = new LinkedHashMap<>();
        Set<String> methods = new LinkedHashSet<>();
        for (Figure figure : report.figures()) {
            if (figure.benchmark().startsWith(type + ".")) {
                String method = figure.benchmark().substring(type.length() + 1);
                methods.add(method);
                lines.computeIfAbsent(key(figure), none -> new LinkedHashMap<>())
                        .put(method, Numbers.time(figure.nanos()));
            }
        }
        StringBuilder text = new StringBuilder(line("", methods))
                .append(line("---", methods.stream().map(method -> "---").toList()));
        lines.forEach((key, times) -> text.append(line(
                key,
                methods.stream().map(method -> times.getOrDefault(method, "-")).toList())));
        return text.toString();
    }

    private static String key(Figure figure) {
        String params = figure.params().entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue())
                .collect(Collectors.joining(", "));
        String threads = figure.threads() == 1 ? "" : figure.threads() + " threads";
        String copying =
                figure.copying() == Copying.DEFAULT ? "" : figure.copying().name();
        return Stream.of(params, threads, copying)
                .filter(each -> !each.isEmpty())
                .collect(Collectors.joining(", "));
    }

    private static String line(String key, Collection<String> cells) {
        return "| " + key + " | " + String.join(" | ", cells) + " |\n";
    }
}
