// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.assertj.core.api.Assertions.assertThat;

import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs jcstress in a JVM of its own, which starts one more for each test, and reads its results.
 */
final class Jcstress {
    private static final Path TARGET = Path.of("target", "jcstress");

    private Jcstress() {}

    /**
     * Runs tests.
     *
     * @param folder under {@code target/jcstress}; where log and report go
     * @param tests a regular expression
     * @param seconds how long each test takes, without what its JVM takes to start
     * @param jvmArguments for the tests
     * @return one result a test
     */
    static Collection<TestResult> run(
            String folder, String tests, int seconds, String jvmArguments) {
        try {
            Path top = TARGET.resolve(folder).toAbsolutePath();
            delete(top);
            Files.createDirectories(top);
            Process process = new ProcessBuilder(command(tests, seconds, jvmArguments))
                    .directory(top.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(top.resolve("log.txt").toFile())
                    .start();
            try {
                int exit = process.waitFor();
                assertThat(exit)
                        .describedAs("exit code; see %s/log.txt", top)
                        .isIn(0, 1); // 1: a test failed
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            return read(top);
        } catch (IOException | ClassNotFoundException failure) {
            throw new AssertionError("jcstress did not run", failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }

    private static List<String> command(String tests, int seconds, String jvmArguments) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-t",
                tests,
                "-r",
                "report",
                "-f",
                "1",
                "-iters",
                Integer.toString(seconds),
                "-time",
                "1000",
                // One JVM a test, in which both actors go from the interpreter to C2; and no
                // pinning to cores, which on a shared machine makes one wait for the other.
                "-sc",
                "false",
                "-af",
                "NONE",
                // Small strides: building a buffer takes longer than an actor does.
                "-strideSize",
                "64",
                "-strideCount",
                "64",
                "-jvmArgs",
                "--enable-native-access=ALL-UNNAMED -Xmx256m " + jvmArguments);
    }

    private static Collection<TestResult> read(Path top)
            throws IOException, ClassNotFoundException {
        InProcessCollector results = new InProcessCollector();
        try (Stream<Path> files = Files.list(top)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".bin.gz")).toList()) {
                DiskReadCollector reader = new DiskReadCollector(file.toString(), results);
                reader.dump();
                reader.close();
            }
        }
        return results.getTestResults();
    }

    private static void delete(Path top) throws IOException {
        if (Files.exists(top)) {
            try (Stream<Path> files = Files.walk(top)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
