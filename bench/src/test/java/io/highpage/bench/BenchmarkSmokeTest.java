// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.highpage.bench.report.Bench;
import io.highpage.bench.report.Chart;
import io.highpage.bench.report.Form;
import io.highpage.bench.report.Report;
import io.highpage.bench.report.Suite;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Runs the whole suite in miniature, so that no benchmark rots between measurements. The times mean
 * nothing.
 */
class BenchmarkSmokeTest {
    private static final Pattern ALL = Pattern.compile("");

    @TempDir
    static Path folder;

    private static Report report;

    @BeforeAll
    static void run() {
        System.setProperty("jmh.ignoreLock", "true"); // another build may be running benchmarks too
        Suite suite = new Suite(Form.MINIATURE, "host", "opencl:0", true);
        report = new Bench(suite, ALL, folder.resolve("jmh.log"), what -> {}).run("test", "none");
    }

    @Test
    void everyBenchmark_runs() {
        List<String> missing = java.util.stream.Stream.of(
                        Requirements.openCl("opencl:0"), Requirements.ioUring())
                .flatMap(Optional::stream)
                .toList();
        assumeTrue(missing.isEmpty(), String.join("; ", missing));

        TreeSet<String> measured = new TreeSet<>();
        report.figures().forEach(figure -> measured.add(figure.benchmark()));

        TreeSet<String> declared = new TreeSet<>();
        BenchmarkList.defaultList()
                .getAll(
                        OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
                        List.of())
                .forEach(entry -> declared.add(
                        entry.getUsername().replaceFirst(".*\\.(\\w+\\.\\w+)$", "$1")));
        assertThat(measured).isEqualTo(declared);
        assertThat(report.figures())
                .allSatisfy(figure -> assertThat(figure.nanos()).isPositive());
    }

    @Test
    void json_hasEveryRowWithItsFields() throws IOException {
        Path file = folder.resolve("report.json");
        report.write(file);

        JsonNode rows = new ObjectMapper().readTree(file.toFile()).get("rows");

        assertThat(rows).hasSize(report.rows().size()).allSatisfy(row -> {
            assertThat(row.get("name").asText()).isNotEmpty();
            assertThat(row.get("target").isNumber()).isTrue();
            assertThat(row.get("met").isBoolean()).isTrue();
            assertThat(row.get("ratio").isNumber()
                            || row.get("note").asText().startsWith("not measured: "))
                    .as(row.toString())
                    .isTrue();
        });
        assertThat(Report.read(file)).isEqualTo(report);
    }

    @Test
    void chart_hasASeriesForEachWay() {
        RequireDevice.check("opencl:0");

        assertThat(Chart.svg(report))
                .contains("<svg", "Highpage", "memcpy", "SVMMemcpy", "map, copy, unmap", "4 KiB");
    }

    @Test
    void rowsThatCannotBeMeasured_sayWhyAndAreNotMet() {
        Suite suite = new Suite(Form.MINIATURE, "host", "opencl:99", true);
        Report none = new Bench(
                        suite, Pattern.compile("Peers"), folder.resolve("none.log"), what -> {})
                .run("test", "");

        assertThat(none.rows()).hasSameSizeAs(report.rows()).allSatisfy(row -> {
            assertThat(row.ratio()).isNull();
            assertThat(row.met()).isFalse();
            assertThat(row.note()).containsAnyOf("no device 'opencl", "left out by --only");
        });
    }
}
