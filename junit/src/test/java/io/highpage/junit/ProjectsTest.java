// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * Builds projects as a user has them, with Maven and outside this build: on the class path and as
 * modules, with JUnit 5, 6 and one that is too old. Each has a leak, and tests that fail on one
 * device; what is looked at is what its reports say.
 */
class ProjectsTest {
    private static final Path PROJECTS = Path.of("src/test/projects");

    @TempDir
    static Path folder;

    private static String console;

    @BeforeAll
    static void build() throws Exception {
        String maven = System.getProperty("maven.command", "");
        assumeTrue(Files.isExecutable(Path.of(maven)), "the tests are not run by Maven");
        try (Stream<Path> files = Files.walk(PROJECTS)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        folder.resolve(PROJECTS.relativize(file).toString()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Path jars = Files.createDirectory(folder.resolve("jars"));
        for (String module : List.of("bindings", "native", "runtime", "opencl", "junit")) {
            jar(classes(module), jars.resolve(module + ".jar"));
        }
        ProcessBuilder build = new ProcessBuilder(maven, "-B", "-ntp", "test", "-Djars=" + jars)
                .directory(folder.toFile())
                .redirectErrorStream(true);
        build.environment().put("JAVA_HOME", System.getProperty("java.home"));
        build.environment()
                .put(
                        "JAVA_TOOL_OPTIONS",
                        "-Dhighpage.cache=" + Path.of("target/cache").toAbsolutePath());
        build.environment().remove("HIGHPAGE_REQUIRE_OPENCL");
        Process process = build.start();
        console = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(console).isZero();
    }

    /** {@return what a module is built to, as the tests of this one have it: a folder or a jar} */
    private static Path classes(String module) {
        return Arrays.stream(System.getProperty("java.class.path").split(":"))
                .filter(entry -> entry.contains("/" + module + "/target/")
                        && !entry.endsWith("/test-classes"))
                .map(Path::of)
                .findFirst()
                .orElseThrow();
    }

    private static void jar(Path classes, Path jar) throws IOException {
        if (Files.isRegularFile(classes)) {
            Files.copy(classes, jar);
            return;
        }
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                Stream<Path> files = Files.walk(classes)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(each).toString()));
                Files.copy(each, out);
            }
        }
    }

    private static String report(String project, String test) throws IOException {
        return Files.readString(
                folder.resolve(project + "/target/surefire-reports/TEST-app." + test + ".xml"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"classpath5", "classpath6", "modules5", "modules6"})
    void project_hasItsLeakNamed_andTheDeviceThatATestFailedOn(String project) throws IOException {
        assertThat(report(project, "LeaksTest"))
                .contains("failures=\"1\"")
                .contains("LeaksTest, leavesBuffer() left open:")
                .containsPattern(
                        "buffer 1 of 4096 bytes .*opened at \\S*app.App.filled\\(App.java:")
                .containsPattern(
                        "runtime on \\[host\\], opened at \\S*app.LeaksTest.leavesBuffer\\(");
        assertThat(report(project, "LeftOutTest")).contains("failures=\"0\"");
        assertThat(report(project, "DevicesTest"))
                .contains("failures=\"1\"")
                .contains("<testcase name=\"failsOnOne(DeviceInfo) host (")
                .contains("<testcase name=\"failsOnOne(DeviceInfo) host-private (")
                .contains("Suppressed: on device host-private (");
        assertThat(report(project, "ClassOnDevicesTest"))
                .contains("Suppressed: on device host-private (");
    }

    @Test
    void console_namesTheDevice() {
        assertThat(console.split("Suppressed: on device host-private \\(")).hasSize(1 + 4 * 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"DevicesTest", "ClassOnDevicesTest"})
    void junit_thatIsTooOld_isToldInASentence(String test) throws IOException {
        assertThat(report("old", test))
                .contains("highpage-junit needs JUnit 5.13 or newer, or 6; the tests run with ")
                .contains("junit-jupiter-api-5.12.2.jar");
    }
}
