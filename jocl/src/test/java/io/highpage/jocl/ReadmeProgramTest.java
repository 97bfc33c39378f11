// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.highpage.testkit.Example;
import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.OutsideProject;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Follows the README in a project of its own, as somebody who has nothing but it. */
class ReadmeProgramTest {
    private static final Path README = Path.of("../README.md");
    private static final String RESULT = "999 squared is 998001\n";
    private static final String ON_CLASS_PATH = "-cp 'target/classes";
    private static final String ON_MODULE_PATH = "-m first/";
    private static final Pattern PLUGIN =
            Pattern.compile("<artifactId>(maven-\\w+-plugin)</artifactId>\\s*<version>([\\d.]+)<");
    private static final Pattern ARTIFACT =
            Pattern.compile("<artifactId>(highpage-(?!bom)\\w+)</artifactId>");
    private static final Pattern ARTIFACT_ROW = Pattern.compile("(?m)^\\| `(highpage-\\w+)` \\|");

    private static final Pattern SIZE_ROW =
            Pattern.compile("(?m)^\\| `?(highpage-\\w+|jocl|together)`?[^|]*\\| (\\d+) \\|$");

    @TempDir
    private Path folder;

    @Test
    void program_runs_onTheClassPathAndOnTheModulePath() throws Exception {
        RequireOpenCl.check();
        try (OutsideProject project = project()) {
            assertThat(said(project, ON_CLASS_PATH)).isEqualTo(RESULT);
            assertSquares(project.path("squares"));
            assertRefusalIsInTheDocument(project);
            assertSizesAreInTheDocument(project);
            project.write(
                    "src/main/java/module-info.java", Example.shown(README, "java", "requires"));
            assertThat(said(project, ON_MODULE_PATH)).isEqualTo(RESULT);
            assertSquares(project.path("squares"));
        }
        assertThat(Files.readString(README)).contains("prints `" + RESULT.strip() + "`");
    }

    @Test
    void programWithoutOpenCl_saysSo() throws Exception {
        try (OutsideProject project = project()) {
            ProcessBuilder commands = project.shell(Example.shown(README, "sh", ON_CLASS_PATH));
            Path none = Files.createDirectory(folder.resolve("drivers"));
            commands.environment().put("OCL_ICD_VENDORS", none.toString());
            assertThat(JavaProcess.run(commands)).startsWith("No OpenCL here: ").hasLineCount(1);
        }
    }

    private static void assertRefusalIsInTheDocument(OutsideProject project) throws IOException {
        String words = JavaProcess.run(project.shell("java --illegal-native-access=deny "
                + "-cp 'target/classes:target/dependency/*' first.First"));
        String reason = "native access is denied; start Java with --enable-native-access=";
        assertThat(words).contains(reason + "ALL-UNNAMED");
        assertThat(Files.readString(Path.of("../docs/adopting.md"))).contains(reason);
    }

    private static void assertSizesAreInTheDocument(OutsideProject project) throws IOException {
        Map<String, Long> rows = SIZE_ROW.matcher(Files.readString(Path.of("../docs/adopting.md")))
                .results()
                .collect(Collectors.toMap(
                        row -> row.group(1), row -> 1000 * Long.parseLong(row.group(2))));
        Map<String, Long> sizes = new HashMap<>();
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(project.path("target/dependency"))) {
            for (Path jar : jars) {
                String name = jar.getFileName().toString().replaceFirst("-[0-9].*", "");
                sizes.put(name, Files.size(jar));
                if (name.startsWith("highpage-")) {
                    sizes.merge("together", Files.size(jar), Long::sum);
                }
            }
        }
        assertThat(rows.keySet()).isEqualTo(sizes.keySet());
        sizes.forEach((name, bytes) -> assertThat(bytes)
                .as("bytes of " + name + ", which docs/adopting.md tells in KB")
                .isCloseTo(rows.get(name), within(2000 + bytes / 10)));
    }

    private OutsideProject project() throws IOException {
        OutsideProject project = OutsideProject.in(folder);
        project.write("pom.xml", Example.shown(README, "xml", "<project"));
        project.write("src/main/java/first/First.java", Example.shown(README, "java", " main("));
        return project;
    }

    private static String said(OutsideProject project, String how) throws IOException {
        return JavaProcess.run(project.shell(Example.shown(README, "sh", how)));
    }

    private static void assertSquares(Path file) throws IOException {
        IntBuffer squares = ByteBuffer.wrap(Files.readAllBytes(file))
                .order(ByteOrder.nativeOrder())
                .asIntBuffer();
        assertThat(squares.remaining()).isEqualTo(1_000);
        for (int i = 0; i < 1_000; i++) {
            assertThat(squares.get(i)).isEqualTo(i * i);
        }
        Files.delete(file);
    }

    @Test
    void gradle_hasTheSameCoordinates() throws Exception {
        String version = OutsideProject.version();
        assertThat(Example.shown(README, "kotlin", "dependencies"))
                .contains("platform(\"io.highpage:highpage-bom:" + version + "\")")
                .contains("(\"io.highpage:highpage-jocl\")");
        assertThat(Example.shown(README, "xml", "<project"))
                .contains("<version>" + version + "</version>")
                .contains("<artifactId>highpage-jocl</artifactId>");
    }

    @Test
    void plugins_areThoseOfThisBuild() throws Exception {
        List<String> ours = found(PLUGIN, Path.of("../pom.xml"));
        assertThat(found(PLUGIN, README)).hasSize(3).isSubsetOf(ours);
    }

    @Test
    void artifacts_areThoseOfTheBom_butThoseThatComeAlong() throws Exception {
        List<String> bom = found(ARTIFACT, Path.of("../bom/pom.xml"));
        assertThat(bom).contains("highpage-bindings", "highpage-native");
        assertThat(found(ARTIFACT_ROW, README))
                .containsExactlyInAnyOrderElementsOf(bom.stream()
                        .filter(name -> !name.matches("highpage-(bindings|native)"))
                        .toList());
    }

    private static List<String> found(Pattern pattern, Path file) throws IOException {
        return pattern.matcher(Files.readString(file))
                .results()
                .map(ReadmeProgramTest::groups)
                .toList();
    }

    private static String groups(MatchResult match) {
        return match.group(1) + (match.groupCount() == 1 ? "" : " " + match.group(2));
    }
}
