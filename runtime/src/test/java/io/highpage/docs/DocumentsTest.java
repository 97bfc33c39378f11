// SPDX-License-Identifier: Apache-2.0
package io.highpage.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Keeps what documents point at: files, headings, system properties. */
class DocumentsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```|`[^`\n]*`");
    private static final Pattern LINK =
            Pattern.compile("\\]\\((?!https?:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern PROPERTY = Pattern.compile("\"(highpage\\.[a-z.]+)\"");
    private static final Pattern PROPERTY_ROW =
            Pattern.compile("(?m)^\\| `-D(highpage\\.[a-z.]+)=");

    /** From the top of the project. */
    private static final Pattern PATH =
            Pattern.compile("(?<![\\w/.~*$-])(?:\\./)?((?:[\\w.-]+/)+[\\w.-]*)(?![\\w*])");
    /** Not looked for: what leaves folders out, is built, or is named by words in capitals. */
    private static final Pattern ANY = Pattern.compile("^\\./|\\.\\.|target(?:/|$)|[A-Z]-[A-Z]");

    private static final Pattern COMMAND =
            Pattern.compile("(?<![\\w.])highpage ([a-z]+(?:-[a-z]+)*)");
    private static final Pattern COMMAND_NAME =
            Pattern.compile("@Command\\(\\s*name = \"([a-z]+)\"");
    private static final Pattern PROFILE = Pattern.compile(" -P([a-z]+)");
    private static final Pattern PROFILE_ID = Pattern.compile("<profile>\\s*<id>([a-z]+)</id>");

    private static final Pattern SCRIPT = Pattern.compile("run: (\\S+/\\S+)");
    private static final Pattern FORMATTER =
            Pattern.compile("<spotless.version>([^<]+)</spotless.version>");
    private static final Pattern FORMAT = Pattern.compile("spotless-maven-plugin:([\\d.]+):apply");

    private static final Pattern DECISION = Pattern.compile("# (?:(\\d{4}): )?(.*)");

    private static final Pattern FAULTS =
            Pattern.compile("(?s)<!-- faults -->(.*)<!-- /faults -->");
    private static final Pattern TESTED_BY =
            Pattern.compile("(\\w+Test)\\b(?:\\.(\\w+))?|(?<=`)\\.(?!ci/)(\\w+)");

    /**
     * The modules that programs use; properties of benchmarks and tests are told where those are.
     */
    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        try (Stream<Path> top = Files.list(ROOT)) {
            for (Path entry : top.toList()) {
                String name = entry.getFileName().toString();
                if (!name.startsWith(".") || name.equals(".github")) {
                    documents.addAll(SourceFiles.below(entry, ".md"));
                }
            }
        }
        return documents;
    }

    private static Set<String> anchors(Path document) throws IOException {
        return HEADING.matcher(Files.readString(document))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\- ]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @Test
    void links_leadToFilesAndHeadings() throws IOException {
        int count = 0;
        for (Path document : documents()) {
            String text = CODE.matcher(Files.readString(document)).replaceAll("");
            for (MatchResult link : LINK.matcher(text).results().toList()) {
                Path target = link.group(1).isEmpty()
                        ? document
                        : document.resolveSibling(link.group(1)).normalize();
                assertThat(target).as("%s of %s", link.group(), document).exists();
                if (link.group(2) != null) {
                    assertThat(anchors(target))
                            .as("%s of %s", link.group(), document)
                            .contains(link.group(2));
                }
                count++;
            }
        }
        assertThat(count).isGreaterThan(20);
    }

    @Test
    void systemProperties_areAllInOneTable() throws IOException {
        Set<String> read = new TreeSet<>();
        int modules = 0;
        try (Stream<Path> all = Files.list(ROOT)) {
            for (Path sources : all.map(module -> module.resolve("src/main/java"))
                    .filter(each -> Files.exists(each.resolve("module-info.java")))
                    .toList()) {
                read.addAll(found(PROPERTY, SourceFiles.below(sources, ".java")));
                modules++;
            }
        }
        assertThat(modules).isGreaterThan(8);
        assertThat(PROPERTY_ROW
                        .matcher(Files.readString(ROOT.resolve("docs/architecture.md")))
                        .results()
                        .map(row -> row.group(1)))
                .containsExactlyInAnyOrderElementsOf(read);
    }

    @Test
    void faults_areTestedByTestsThatThereAre() throws IOException {
        Map<String, String> tests = new HashMap<>();
        for (Path source : SourceFiles.below(ROOT, "Test.java")) {
            String name = source.getFileName().toString().replace(".java", "");
            tests.put(name, Files.readString(source));
        }
        Matcher table = FAULTS.matcher(Files.readString(ROOT.resolve("docs/testing.md")));
        assertThat(table.find()).isTrue();
        int count = 0;
        for (String row : table.group(1).lines().toList()) {
            String test = "";
            for (MatchResult named : TESTED_BY.matcher(row).results().toList()) {
                test = named.group(1) == null ? test : named.group(1);
                assertThat(tests.keySet()).as(row).contains(test);
                String method = named.group(1) == null ? named.group(3) : named.group(2);
                if (method != null) { // or how its name begins
                    assertThat(tests.get(test).contains("void " + method))
                            .as(method + " of " + test + ", named in " + row)
                            .isTrue();
                }
                count++;
            }
        }
        assertThat(count).isGreaterThan(100);
    }

    private static Set<String> found(Pattern pattern, CharSequence text) {
        return pattern.matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> found(Pattern pattern, List<Path> files) throws IOException {
        Set<String> found = new TreeSet<>();
        for (Path file : files) {
            found.addAll(found(pattern, Files.readString(file)));
        }
        return found;
    }

    @Test
    void code_namesFilesCommandsAndProfilesThatThereAre() throws IOException {
        Set<String> commands =
                found(COMMAND_NAME, SourceFiles.below(ROOT.resolve("cli/src/main"), ".java"));
        commands.addAll(List.of("test", "bench", "spark-demo")); // the launcher's own
        Set<String> profiles = found(PROFILE_ID, SourceFiles.below(ROOT, "pom.xml"));
        int count = 0;
        for (Path document : documents()) {
            String code = CODE.matcher(Files.readString(document))
                    .results()
                    .map(MatchResult::group)
                    .collect(Collectors.joining("\n"));
            assertThat(commands).as("%s", document).containsAll(found(COMMAND, code));
            assertThat(profiles).as("%s", document).containsAll(found(PROFILE, code));
            for (String path : found(PATH, code)) {
                boolean ours = Files.exists(ROOT.resolve(Path.of(path).getName(0)));
                if (ours && !ANY.matcher(path).find()) {
                    assertThat(ROOT.resolve(path)).as("%s", document).exists();
                    count++;
                }
            }
        }
        assertThat(count).isGreaterThan(30);
    }

    @Test
    void workflows_runScriptsThatThereAre() throws IOException {
        List<Path> workflows = SourceFiles.below(ROOT.resolve(".github/workflows"), ".yml");
        assertThat(workflows).hasSize(2);
        for (Path workflow : workflows) {
            Set<String> scripts = found(SCRIPT, List.of(workflow));
            assertThat(scripts).as("%s", workflow).isNotEmpty();
            for (String script : scripts) {
                assertThat(ROOT.resolve(script)).as("%s", workflow).isExecutable();
            }
        }
    }

    @Test
    void formatter_isCalledAsTheBuildCallsIt() throws IOException {
        Set<String> built = found(FORMATTER, List.of(ROOT.resolve("pom.xml")));
        assertThat(built).hasSize(1);
        assertThat(found(FORMAT, List.of(ROOT.resolve("CONTRIBUTING.md")))).isEqualTo(built);
    }

    @Test
    void decisions_areAllListed_eachWithItsTitle() throws IOException {
        List<String> rows = new ArrayList<>();
        for (Path file : SourceFiles.below(ROOT.resolve("docs/decisions"), ".md")) {
            String name = file.getFileName().toString();
            if (name.equals("README.md")) {
                continue;
            }
            String number = name.substring(0, 4);
            Matcher title = DECISION.matcher(Files.readAllLines(file).getFirst());
            assertThat(title.matches()).as("title of " + name).isTrue();
            assertThat(title.group(1)).as("number in " + name).isIn(null, number);
            rows.add("| [" + number + "](" + name + ") | " + title.group(2) + " |");
        }
        List<String> listed = Files.readAllLines(ROOT.resolve("docs/decisions/README.md")).stream()
                .filter(line -> line.startsWith("| ["))
                .map(line -> line.replaceFirst("(\\) \\| .*? \\|).*", "$1"))
                .toList();
        assertThat(rows)
                .as("files not listed")
                .filteredOn(row -> !listed.contains(row))
                .isEmpty();
        assertThat(listed)
                .as("rows without a file")
                .filteredOn(row -> !rows.contains(row))
                .isEmpty();
        assertThat(listed.stream().map(row -> row.substring(0, "| [0000".length())))
                .as("numbers")
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void mutations_applyToTheSources() throws Exception {
        Process check = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "docs/mutations/Mutate.java",
                        "--check")
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor()).as(said).isZero();
        assertThat(said).contains(" mutations apply");
    }
}
