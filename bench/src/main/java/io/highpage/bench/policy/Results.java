// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;

import io.highpage.bench.Numbers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What the policies move on several traces.
 *
 * @param command that was given
 * @param traces one result each
 */
public record Results(String command, List<Result> traces) {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** A column: what it is called, and what it says of a trace. */
    private record Cell(String title, Function<Result, String> text) {}

    /**
     * {@return the results of the traces in files and folders}
     *
     * @throws IllegalArgumentException if a file is no trace, or there is none
     */
    public static Results of(String command, List<Path> places) throws IOException {
        List<Result> results = new ArrayList<>();
        for (Path place : places) {
            for (Path file : files(place)) {
                results.add(Result.of(Trace.read(file)));
            }
        }
        if (results.isEmpty()) {
            throw new IllegalArgumentException(
                    "no files *" + Trace.ENDING + " in " + places + "; name some");
        }
        return new Results(command, List.copyOf(results));
    }

    private static List<Path> files(Path place) throws IOException {
        if (!Files.exists(place)) {
            throw new IllegalArgumentException("there is no file or folder " + place);
        }
        if (!Files.isDirectory(place)) {
            return List.of(place);
        }
        try (Stream<Path> files = Files.list(place)) {
            return files.filter(file -> file.toString().endsWith(Trace.ENDING))
                    .sorted()
                    .toList();
        }
    }

    /** {@return results from a file} */
    public static Results read(Path file) throws IOException {
        return MAPPER.readValue(file.toFile(), Results.class);
    }

    /** {@return them as JSON} */
    public String json() throws IOException {
        return MAPPER.writeValueAsString(this) + "\n";
    }

    /** {@return the traces on which Highpage's policy moves more than it may} */
    public List<String> notKept() {
        return traces.stream()
                .filter(result -> !result.isKept())
                .map(Result::trace)
                .toList();
    }

    private static List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        cells.add(new Cell("trace", Result::trace));
        cells.add(new Cell(
                "data / memory",
                result -> ratio((double) result.dataBytes() / result.memoryBytes())));
        cells.add(new Cell("least bytes", result -> Numbers.size(result.moved(Policy.OPTIMUM))));
        for (Policy policy : Policy.values()) {
            if (policy != Policy.OPTIMUM) {
                cells.add(new Cell(policy.title(), result -> ratio(result.toOptimum(policy))));
            }
        }
        cells.add(new Cell(
                "to the best other",
                result -> ratio(result.toBest()) + " " + result.best().title()));
        cells.add(new Cell(
                "limit", result -> result.limit() + (result.isKept() ? "" : ", NOT KEPT")));
        return cells;
    }

    private static String ratio(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /** {@return a table for a terminal: ratios to what no policy can do without} */
    public String text() {
        List<Cell> cells = cells();
        return AsciiTable.getTable(
                AsciiTable.NO_BORDERS,
                traces,
                cells.stream()
                        .map(cell -> new Column()
                                .header(cell.title())
                                .dataAlign(
                                        cell.title().equals("trace")
                                                ? HorizontalAlign.LEFT
                                                : HorizontalAlign.RIGHT)
                                .with(cell.text()))
                        .toList());
    }

    /** {@return the same as a Markdown table} */
    public String markdown() {
        List<Cell> cells = cells();
        StringBuilder text = new StringBuilder();
        line(text, cells.stream().map(Cell::title).toList());
        line(text, cells.stream().map(cell -> "---").toList());
        for (Result result : traces) {
            line(text, cells.stream().map(cell -> cell.text().apply(result)).toList());
        }
        return text.toString();
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
