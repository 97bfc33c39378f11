// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.interop.JavaProcess;
import io.highpage.interop.opencl.RequireOpenCl;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Runs the examples as their readers would, with the options that the README names, and keeps the
 * document true.
 */
class ExamplesTest {
    private static final Path SOURCES = Path.of("src/test/java/io/highpage/interop/examples");
    private static final String PLAIN = "PlainJocl";
    private static final String MOVED = "JoclWithHighpage";

    @TempDir
    private Path folder;

    @Test
    void theJoclProgramPrintsTheSameWithAndWithoutHighpage() throws Exception {
        RequireOpenCl.check();
        String plain = JavaProcess.run(jocl(PlainJocl.class));
        String moved = JavaProcess.run(jocl(JoclWithHighpage.class));
        assertThat(plain).contains("[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]");
        assertThat(moved).isEqualTo(plain);
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

    /** OpenCL 1.2, and strict about device types as Mesa's driver is. */
    @Test
    void theExamplesRunOnAnotherDriver() throws Exception {
        RequireOpenCl.check();
        Path shim = Path.of("../native/target/cmake/plain/libclshim.so").toAbsolutePath();
        assumeTrue(
                Files.exists(shim),
                "the OpenCL driver for tests is not built; install: opencl-headers cmake gcc");
        Path vendors = Files.createDirectory(folder.resolve("vendors"));
        Files.writeString(vendors.resolve("shim.icd"), shim.normalize() + "\n");
        Map<String, String> environment = Map.of(
                "OCL_ICD_VENDORS", vendors.toString(), "SHIM_VERSION", "1.2", "SHIM_STRICT", "1");
        for (Class<?> program : List.of(PlainJocl.class, JoclWithHighpage.class)) {
            ProcessBuilder builder = jocl(program);
            builder.environment().putAll(environment);
            assertThat(JavaProcess.run(builder)).contains("[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]");
        }
        Path file = Files.write(folder.resolve("number"), new byte[] {3, 0, 0, 0});
        ProcessBuilder builder = lwjgl(file);
        builder.environment().putAll(environment);
        JavaProcess.run(builder);
        assertThat(Files.readAllBytes(file)).containsExactly(9, 0, 0, 0);
    }

    /** JOCL unpacks its library into the temporary folder, which is nobody else's here. */
    private ProcessBuilder jocl(Class<?> program) {
        return JavaProcess.of(
                List.of("--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=" + folder),
                program);
    }

    private static ProcessBuilder lwjgl(Path file) {
        return JavaProcess.of(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dorg.lwjgl.opencl.libname=libOpenCL.so.1"),
                LwjglWithHighpage.class,
                file.toString());
    }

    @Test
    void theJoclProgramGivesTheSameForMoreThanAPage() {
        RequireOpenCl.check();
        int[] numbers = IntStream.range(0, 1_000_003).toArray();
        assertThat(JoclWithHighpage.squares(numbers)).isEqualTo(PlainJocl.squares(numbers));
    }

    @Test
    void theLwjglProgramSquaresAFileInPlace() throws Exception {
        RequireOpenCl.check();
        Path file = folder.resolve("numbers");
        ByteBuffer bytes = ByteBuffer.allocate(4 * 50_001).order(ByteOrder.nativeOrder());
        bytes.asIntBuffer().put(IntStream.range(0, 50_001).toArray());
        Files.write(file, bytes.array());
        JavaProcess.run(lwjgl(file));
        IntBuffer squares = ByteBuffer.wrap(Files.readAllBytes(file))
                .order(ByteOrder.nativeOrder())
                .asIntBuffer();
        assertThat(squares.remaining()).isEqualTo(50_001);
        for (int i = 0; i < 50_001; i++) {
            assertThat(squares.get(i)).isEqualTo(i * i);
        }
    }

    @Test
    void theDocumentShowsTheDifferenceAsItIs() throws Exception {
        List<String> difference = difference();
        assertThat(difference.stream().filter(line -> line.startsWith("-"))).hasSize(5);
        assertThat(Files.readString(Path.of("../docs/adopting.md")))
                .contains("```diff\n" + String.join("\n", difference) + "\n```");
    }

    /** {@return the lines that differ, but for imports, and the one that stays between them} */
    private static List<String> difference() throws IOException, InterruptedException {
        Process diff = new ProcessBuilder(
                        "diff",
                        "--unified=1",
                        SOURCES.resolve(PLAIN + ".java").toString(),
                        SOURCES.resolve(MOVED + ".java").toString())
                .start();
        List<String> lines = diff.inputReader().readAllLines();
        assertThat(diff.waitFor()).isEqualTo(1);
        return lines.stream()
                .filter(line -> line.matches("[-+] .*;.*|  .*NDRange.*"))
                .map(line -> line.charAt(0) + " " + line.substring(1).strip())
                .toList();
    }
}
