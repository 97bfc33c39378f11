// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The table of {@code docs/performance.md}: every number to reach, what was measured, and by which
 * stored result.
 */
public final class PerformanceTable {
    private static final String HEADER = """
            | row | what | target | measured | | stored result |
            | --- | --- | --- | --- | --- | --- |
            """;

    private PerformanceTable() {}

    /**
     * {@return the table, and below it the machine and the command of each result}
     *
     * @param reports by the name of their file; a later one's rows replace those of an earlier one
     *     if they were measured; rows that nobody asked for are left out
     */
    public static String markdown(Map<String, Report> reports) {
        Map<String, Row> rows = new LinkedHashMap<>();
        Map<String, String> sources = new LinkedHashMap<>();
        reports.forEach((file, report) -> {
            for (Row row : report.rows()) {
                if (row.ratio() != null || !row.isLeftOut() && !rows.containsKey(row.name())) {
                    rows.put(row.name(), row);
                    sources.put(row.name(), file);
                }
            }
        });
        StringBuilder text = new StringBuilder(HEADER);
        rows.forEach((name, row) -> text.append(line(row, sources.get(name))));
        List<String> origins = new ArrayList<>();
        reports.forEach((file, report) -> origins.add(origin(file, report)));
        return text + "\n" + String.join("", origins);
    }

    private static String line(Row row, String file) {
        String measured =
                row.ratio() == null ? row.note() : row.ratioText() + " (" + row.note() + ")";
        return "| %s | %s | %s | %s | %s | %s |%n"
                .formatted(row.name(), row.what(), row.targetText(), measured, row.metText(), file);
    }

    private static String origin(String file, Report report) {
        return "- `%s`: `%s`, %s, commit %s, on a %s; %s%n"
                .formatted(
                        file,
                        report.command().strip(),
                        report.time(),
                        report.commit(),
                        report.machine().text(),
                        report.machine().device());
    }
}
