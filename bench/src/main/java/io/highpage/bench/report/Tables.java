// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;

import io.highpage.bench.Numbers;

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
    private static final int NOTE_WIDTH = 60;

    private Tables() {}

    /** {@return the rows as a table for a terminal} */
    public static String text(Report report) {
        return AsciiTable.getTable(
                AsciiTable.NO_BORDERS,
                report.rows(),
                List.of(
                        new Column()
                                .header("name")
                                .dataAlign(HorizontalAlign.LEFT)
                                .with(Row::name),
                        new Column()
                                .header("ratio")
                                .dataAlign(HorizontalAlign.RIGHT)
                                .with(Row::ratioText),
                        new Column()
                                .header("target")
                                .dataAlign(HorizontalAlign.LEFT)
                                .with(Row::targetText),
                        new Column().header("").dataAlign(HorizontalAlign.LEFT).with(Row::metText),
                        new Column()
                                .header("what")
                                .dataAlign(HorizontalAlign.LEFT)
                                .maxWidth(NOTE_WIDTH)
                                .with(Row::what),
                        new Column()
                                .header("measured")
                                .dataAlign(HorizontalAlign.LEFT)
                                .maxWidth(NOTE_WIDTH)
                                .with(Row::note)));
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
