// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.bench.Quantity;
import io.highpage.bench.report.Form;
import io.highpage.bench.report.Report;
import io.highpage.bench.report.Row;
import io.highpage.testkit.Eventually;
import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code highpage bench spark} as a process, with so little data that the numbers mean nothing. */
class SparkBenchTest {
    private static final List<String> ROWS = List.of(
            "spark-scale-2x1MiB-jocl",
            "spark-scale-16x256KiB-jocl",
            "spark-scale-16x256KiB-jocl-per-task",
            "spark-heavy-2x1MiB-jocl",
            "spark-heavy-16x256KiB-jocl",
            "spark-heavy-16x256KiB-jocl-per-task",
            "spark-killed",
            "spark-half-room-scale",
            "spark-half-room-heavy",
            "spark-half-room-failed",
            "spark-local-scale",
            "spark-local-heavy");

    @TempDir
    private Path folder;

    @Test
    void everyRowIsMeasuredAndNothingStays() throws Exception {
        RequireOpenCl.check();
        Path json = folder.resolve("result.json");
        Path files = Files.createDirectory(folder.resolve("files"));
        String words = JavaProcess.run(bench("--miniature", "--dir", files, "--json", json));
        assertThat(words).contains("spark-scale-2x1MiB-jocl", "JVMs");
        Report report = Report.read(json);
        assertThat(report.form()).isEqualTo(Form.MINIATURE);
        assertThat(report.rows()).extracting(Row::name).isEqualTo(ROWS);
        assertThat(report.rows()).extracting(Row::ratio).doesNotContainNull();
        assertThat(report.rows())
                .filteredOn(row -> row.name().endsWith("failed"))
                .allMatch(Row::met);
        assertThat(report.quantities())
                .extracting(Quantity::name)
                .contains("spark.load", "spark.nice", "spark.processes", "spark.columns-scale");
        assertThat(files).isEmptyDirectory();
    }

    @Test
    void endedFromTheKeyboardItLeavesNothing() throws Exception {
        RequireOpenCl.check();
        Path words = folder.resolve("words");
        Path files = Files.createDirectory(folder.resolve("files"));
        Process bench = bench("--miniature", "--dir", files)
                .redirectOutput(words.toFile())
                .start();
        Eventually.becomesSlowly("jobs", () -> read(words).contains("jobs: ") || !bench.isAlive());
        List<ProcessHandle> children = bench.descendants().toList();
        assertThat(children).as(read(words)).hasSizeGreaterThanOrEqualTo(3);
        new ProcessBuilder("kill", "-INT", Long.toString(bench.pid())).start().waitFor();
        assertThat(bench.waitFor(2, TimeUnit.MINUTES)).isTrue();
        Eventually.becomesSlowly(
                "the end of all", () -> children.stream().noneMatch(ProcessHandle::isAlive));
        try (Stream<Path> left = Files.list(files)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void whatNeedsADeviceSaysSo() throws IOException {
        ProcessBuilder bench = bench("--quick");
        bench.environment()
                .put("OCL_ICD_VENDORS", Files.createDirectory(folder.resolve("none")) + "/");
        assertThat(JavaProcess.fail(bench)).contains("no OpenCL device", "pocl-opencl-icd");
    }

    private static ProcessBuilder bench(Object... arguments) {
        ProcessBuilder bench = JavaProcess.of(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow"),
                SparkBench.class,
                arguments);
        bench.environment().put("LD_PRELOAD", System.getProperty("java.home") + "/lib/libjsig.so");
        return bench;
    }

    private static String read(Path words) {
        try {
            return Files.readString(words);
        } catch (IOException notYet) {
            return "";
        }
    }
}
