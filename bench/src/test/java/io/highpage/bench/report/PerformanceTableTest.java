// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds the tables of documents, and the chart of README.md, to the stored results that they were
 * made from.
 */
class PerformanceTableTest {
    private static final Path TOP = Path.of("..");
    private static final Pattern TABLE = Pattern.compile(
            "<!-- highpage bench (table|times) (.*?) -->\n(.*?)<!-- end -->", Pattern.DOTALL);

    @ParameterizedTest
    @MethodSource
    void document_hasTheTablesOfItsStoredResults(Path document) throws IOException {
        Matcher table = TABLE.matcher(Files.readString(document));
        int tables = 0;
        for (; table.find(); tables++) {
            List<String> arguments = List.of(table.group(2).split(" "));
            assertThat(table.group(3)).isEqualTo(made(table.group(1), arguments));
        }
        assertThat(tables).isPositive();
    }

    private static List<Path> document_hasTheTablesOfItsStoredResults() throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(TOP.resolve("docs"), "*.md")) {
            for (Path document : all) {
                if (Files.readString(document).contains("<!-- highpage bench t")) {
                    found.add(document);
                }
            }
        }
        return found;
    }

    private static String made(String command, List<String> arguments) throws IOException {
        if (command.equals("times")) {
            Report report = Report.read(TOP.resolve(arguments.get(1)));
            String type = arguments.getFirst();
            return Character.isUpperCase(type.charAt(0))
                    ? Tables.times(report, type)
                    : Tables.quantities(report, type);
        }
        Map<String, Report> reports = new LinkedHashMap<>();
        for (String file : arguments) {
            reports.put(file, Report.read(TOP.resolve(file)));
        }
        return PerformanceTable.markdown(reports);
    }

    @Test
    void chart_isThatOfItsStoredResult() throws IOException {
        Report report = Report.read(TOP.resolve("bench/results/2-core-vm.json"));

        assertThat(Files.readString(TOP.resolve("docs/round-trips.svg")))
                .isEqualTo(Chart.svg(report));
    }

    @Test
    void rowThatALaterResultMeasured_replacesOneThatWasNot() {
        Row missing = Row.of(
                new Goal("a", "what", Target.atLeast(2), figures -> {
                    throw new NotMeasured("no driver");
                }),
                new Figures());
        Row measured = Row.of(
                new Goal(
                        "a",
                        "what",
                        Target.atLeast(2),
                        figures -> new Comparison(2.5, "5 ns against 2 ns")),
                new Figures());
        Map<String, Report> reports = new LinkedHashMap<>();
        reports.put("first.json", report(missing));
        reports.put("second.json", report(measured));
        reports.put("third.json", report(missing));

        assertThat(PerformanceTable.markdown(reports))
                .contains("| a | what | ≥ 2 | 2.5 (5 ns against 2 ns) | met | second.json |")
                .doesNotContain("no driver");
    }

    @Test
    void rowThatNobodyAskedFor_isNotThere() {
        Row leftOut = Row.of(
                new Goal("a", "what", Target.atLeast(2), figures -> {
                    throw new NotMeasured(Row.LEFT_OUT);
                }),
                new Figures());

        assertThat(PerformanceTable.markdown(Map.of("only.json", report(leftOut))))
                .doesNotContain("| a |");
    }

    private static Report report(Row row) {
        Machine machine =
                new Machine("cpu", 2, true, "", "Linux", "", "25", "", "host", "opencl:0");
        return new Report(
                "bench", "now", "abc", Form.QUICK, machine, List.of(row), List.of(), List.of());
    }
}
