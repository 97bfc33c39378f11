// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Runs the examples as their readers would, with the options that the README names, and keeps the
 * document true.
 */
class JoclExamplesTest {
    private static final Path SOURCES = Path.of("src/test/java/io/highpage/jocl/examples");
    private static final String PLAIN = "PlainJocl";
    private static final String MOVED = "JoclWithHighpage";

    @TempDir
    private Path folder;

    @Test
    void theJoclProgramPrintsTheSameWithAndWithoutHighpage() throws Exception {
        RequireOpenCl.check();
        String plain = JavaProcess.run(jocl(PlainJocl.class));
        String moved = JavaProcess.run(jocl(JoclWithHighpage.class));
        String checked = JavaProcess.run(jocl(JoclWithHighpage.class, "-Dhighpage.checked=true"));
        assertThat(plain).contains("[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]");
        assertThat(moved).isEqualTo(plain);
        assertThat(checked).isEqualTo(plain);
    }

    @Test
    void theJoclProgramLoadsNothingThatSomebodyElsePutIntoTheTemporaryFolder() throws Exception {
        RequireOpenCl.check();
        // JOCL leaves its library there under its fixed name.
        JavaProcess.run(jocl(PlainJocl.class));
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "*.so")) {
            for (Path library : left) {
                Files.writeString(library, "not JOCL's");
            }
        }
        JavaProcess.fail(jocl(PlainJocl.class));
        assertThat(JavaProcess.run(jocl(JoclWithHighpage.class))).contains("[0, 1, 4, ");
    }

    @Test
    void theExamplesRunOnAnotherDriver() throws Exception {
        RequireOpenCl.check();
        Map<String, String> environment = RequireOpenCl.otherDriver(folder);
        for (Class<?> program : List.of(PlainJocl.class, JoclWithHighpage.class)) {
            ProcessBuilder builder = jocl(program);
            builder.environment().putAll(environment);
            assertThat(JavaProcess.run(builder)).contains("[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]");
        }
    }

    /** JOCL unpacks its library into the temporary folder, which is nobody else's here. */
    private ProcessBuilder jocl(Class<?> program, String... more) {
        List<String> options = new ArrayList<>(List.of(more));
        options.add("--enable-native-access=ALL-UNNAMED");
        options.add("-Djava.io.tmpdir=" + folder);
        return JavaProcess.of(options, program);
    }

    @Test
    void theJoclProgramGivesTheSameForMoreThanAPage() {
        RequireOpenCl.check();
        int[] numbers = IntStream.range(0, 1_000_003).toArray();
        assertThat(JoclWithHighpage.squares(numbers)).isEqualTo(PlainJocl.squares(numbers));
    }

    @Test
    void theDocumentShowsTheDifferenceAsItIs() throws Exception {
        List<String> difference = difference();
        assertThat(difference.stream().filter(line -> line.startsWith("-"))).hasSize(6);
        assertThat(Files.readString(Path.of("../docs/adopting/jocl.md")))
                .contains("```diff\n" + String.join("\n", difference) + "\n```");
    }

    /** {@return the lines that differ, but for imports} */
    private static List<String> difference() throws IOException, InterruptedException {
        Process diff = new ProcessBuilder(
                        "diff",
                        "--unified=0",
                        SOURCES.resolve(PLAIN + ".java").toString(),
                        SOURCES.resolve(MOVED + ".java").toString())
                .start();
        List<String> lines = diff.inputReader().readAllLines();
        assertThat(diff.waitFor()).isEqualTo(1);
        return lines.stream()
                .filter(line -> line.matches("[-+] .*;.*"))
                .map(line -> line.charAt(0) + " " + line.substring(1).strip())
                .toList();
    }
}
