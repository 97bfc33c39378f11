// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.testkit.Example;
import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.OutsideProject;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

    private static final Pattern PLATFORM = Pattern.compile("platform\\(\"([^\"]+)\"");
    private static final Pattern DEPENDENCY = Pattern.compile("implementation\\(\"([^\"]+)\"");
    private static final String KOTLIN = "org/jetbrains/kotlin/kotlin-stdlib";
    /** Jars of Gradle 8.11.1, and of what it needs. */
    private static final Pattern GRADLE =
            Pattern.compile("-(8\\.11\\.1|3\\.0\\.22|2\\.0\\.20)\\.jar$");

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

    /** Its own code finds the jars, on this JDK, where Gradle 8 runs no build script. */
    @Test
    void gradle_findsTheJarsThatTheProgramRunsOn() throws Exception {
        String classPath = gradle();
        String shown = Example.shown(README, "kotlin", "dependencies");
        try (OutsideProject project = project()) {
            ProcessBuilder gradle = project.shell("java \"-Dmaven.repo.local=$REPOSITORY\""
                    + " --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
                    + " --add-opens=java.base/java.lang=ALL-UNNAMED -cp \"$GRADLE\" \"$RESOLVE\""
                    + " . gradle-home " + first(PLATFORM, shown) + " " + first(DEPENDENCY, shown));
            gradle.environment().put("GRADLE", classPath);
            gradle.environment()
                    .put(
                            "RESOLVE",
                            Path.of("src/test/gradle/Resolve.java")
                                    .toAbsolutePath()
                                    .toString());
            List<String> jars = JavaProcess.run(gradle)
                    .lines()
                    .filter(line -> line.startsWith("jar "))
                    .map(line -> line.substring("jar ".length()))
                    .toList();
            assertThat(jars).hasSize(6);
            ProcessBuilder program = project.shell("javac -d classes -cp \"$JARS\""
                    + " src/main/java/first/First.java && java --enable-native-access=ALL-UNNAMED"
                    + " -cp \"classes:$JARS\" first.First");
            program.environment().put("JARS", String.join(":", jars));
            assertThat(JavaProcess.run(program)).containsAnyOf(RESULT, "No OpenCL here: ");
        }
    }

    /** {@return the class path of Gradle, which nothing else here needs, if it is there} */
    private static String gradle() throws IOException {
        Path repository = Path.of(System.getProperty("localRepository"));
        List<String> jars = new ArrayList<>();
        for (String part : List.of("dev/gradleplugins", "org/codehaus/groovy", KOTLIN)) {
            Path folder = repository.resolve(part);
            try (Stream<Path> all = Files.isDirectory(folder) ? Files.walk(folder) : Stream.of()) {
                all.map(Path::toString)
                        .filter(file -> GRADLE.matcher(file).find())
                        .forEach(jars::add);
            }
        }
        assumeTrue(
                jars.stream().anyMatch(jar -> jar.contains("gradle-api")),
                "Gradle is not in the local repository; get it:"
                        + " mvn dependency:get -Dartifact=dev.gradleplugins:gradle-api:8.11.1");
        return String.join(File.pathSeparator, jars);
    }

    private static String first(Pattern pattern, String text) {
        return pattern.matcher(text).results().findFirst().orElseThrow().group(1);
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
