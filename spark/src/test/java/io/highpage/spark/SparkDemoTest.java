// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.spark.demo.SparkDemo;
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

/** {@code highpage spark-demo} as a process. */
class SparkDemoTest {
    @TempDir
    private Path folder;

    @Test
    void itShowsWhatItDoesAndLeavesNothing() throws Exception {
        RequireOpenCl.check();
        String words = JavaProcess.run(demo());
        assertThat(words)
                .contains(
                        "Cluster: spark://127.0.0.1:",
                        "Killed the executor of process ",
                        "Done: 16 outputs in ",
                        "Bytes: all 33,554,432 are those that plain Java comes to",
                        "Stopped all processes and removed all files")
                .doesNotContain("Exception", "ERROR");
        nothingStays();
    }

    @Test
    void endedFromTheKeyboardItLeavesNothingEither() throws Exception {
        RequireOpenCl.check();
        Path words = folder.resolve("words");
        Process demo = demo().redirectOutput(words.toFile()).start();
        Eventually.becomesSlowly(
                "a cluster", () -> read(words).contains("Cluster:") || !demo.isAlive());
        List<ProcessHandle> children = demo.descendants().toList();
        assertThat(children).as(read(words)).hasSizeGreaterThanOrEqualTo(3);
        new ProcessBuilder("kill", "-INT", Long.toString(demo.pid())).start().waitFor();
        assertThat(demo.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(demo.exitValue()).isEqualTo(130);
        Eventually.becomesSlowly(
                "the end of all", () -> children.stream().noneMatch(ProcessHandle::isAlive));
        Files.delete(words);
        nothingStays();
    }

    @Test
    void killedItTakesItsClusterAlong() throws Exception {
        RequireOpenCl.check();
        Path words = folder.resolve("words");
        Process demo = demo().redirectOutput(words.toFile()).start();
        Eventually.becomesSlowly(
                "a cluster", () -> read(words).contains("Cluster:") || !demo.isAlive());
        List<ProcessHandle> children = demo.descendants().toList();
        demo.destroyForcibly();
        Eventually.becomesSlowly(
                "the end of all", () -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void withoutOpenClItSaysWhatIsMissing() throws IOException {
        Path none = Files.createDirectory(folder.resolve("vendors"));
        ProcessBuilder demo = demo();
        demo.environment().put("OCL_ICD_VENDORS", none + "/");
        assertThat(JavaProcess.fail(demo))
                .contains("no OpenCL device, and kernels need one", "pocl-opencl-icd");
    }

    @Test
    void itHasHelpAndTakesNothingElse() throws IOException {
        assertThat(JavaProcess.run(demo("--help"))).startsWith("Usage: highpage spark-demo\n");
        assertThat(JavaProcess.outcome(demo("--fast")))
                .startsWith("Usage: highpage spark-demo\n")
                .endsWith("exit 2\n");
    }

    private ProcessBuilder demo(String... arguments) {
        ProcessBuilder demo = JavaProcess.of(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Djava.io.tmpdir=" + folder),
                SparkDemo.class,
                (Object[]) arguments);
        demo.environment().put("LD_PRELOAD", System.getProperty("java.home") + "/lib/libjsig.so");
        return demo;
    }

    private void nothingStays() throws IOException {
        try (var files = Files.list(folder)) {
            assertThat(files.filter(file -> file.getFileName().toString().contains("spark")))
                    .isEmpty();
        }
    }

    private static String read(Path words) {
        try {
            return Files.readString(words);
        } catch (IOException notYet) {
            return "";
        }
    }
}
