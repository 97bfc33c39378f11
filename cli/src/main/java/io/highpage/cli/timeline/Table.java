// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A table of the page. */
final class Table {
    private final String id;
    private final String title;
    private final String note;
    private final List<String> columns;
    private final List<List<Cell>> rows = new ArrayList<>();

    /**
     * Makes an empty one.
     *
     * @param id its name in the page
     * @param title what stands above it
     * @param note what has to be known to read it, or empty
     * @param columns heads of the columns
     */
    Table(String id, String title, String note, String... columns) {
        this.id = id;
        this.title = title;
        this.note = note;
        this.columns = List.of(columns);
    }

    Table row(Cell... cells) {
        rows.add(Arrays.asList(cells));
        return this;
    }

    /** {@return the table in the page} */
    String html() {
        String heading = "<h3 id=\"" + id + "-h\">" + Cell.escaped(title) + "</h3>\n";
        String words = note.isEmpty() ? "" : "<p class=\"note\">" + Cell.escaped(note) + "</p>\n";
        if (rows.isEmpty()) {
            return "<section>\n" + heading + "<p class=\"note\">None.</p>\n</section>\n";
        }
        return "<section>\n" + heading + words
                + "<div class=\"scroll\" role=\"region\" tabindex=\"0\""
                + " aria-labelledby=\"" + id + "-h\">\n<table id=\"" + id + "\">\n<thead><tr>"
                + columns.stream()
                        .map(each -> "<th scope=\"col\">" + Cell.escaped(each) + "</th>")
                        .collect(Collectors.joining())
                + "</tr></thead>\n<tbody>\n"
                + rows.stream()
                        .map(row -> row.stream()
                                .map(Cell::html)
                                .collect(Collectors.joining("", "<tr>", "</tr>\n")))
                        .collect(Collectors.joining())
                + "</tbody>\n</table>\n</div>\n</section>\n";
    }
}
