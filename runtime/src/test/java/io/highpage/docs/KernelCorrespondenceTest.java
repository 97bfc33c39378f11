// SPDX-License-Identifier: Apache-2.0
package io.highpage.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Keeps docs/kernel-correspondence.md whole: every item of Linux once, and only tests that exist.
 */
class KernelCorrespondenceTest {
    private static final Path ROOT = Path.of("..");
    private static final Path DOCUMENT = ROOT.resolve("docs/kernel-correspondence.md");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| ([A-Z]|gap |cow )(\\d+)(?:-\\D*(\\d+))? \\| (.*) \\|$");
    private static final Pattern VERDICT =
            Pattern.compile("[^|]*\\| (same|better|not applicable|not yet) \\|.*");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)\\.(\\w+)`");

    /** {@return the ids of consecutive numbers} */
    private static Stream<String> ids(String letter, int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(number -> letter + number);
    }

    private static List<MatchResult> rows(boolean behaviours) throws IOException {
        String text = Files.readString(DOCUMENT);
        int split = text.indexOf("## Linux's tests");
        assertThat(split).isPositive();
        String part = behaviours ? text.substring(0, split) : text.substring(split);
        return ROW.matcher(part).results().toList();
    }

    private static List<String> ids(List<MatchResult> rows) {
        List<String> ids = new ArrayList<>();
        for (MatchResult row : rows) {
            int first = Integer.parseInt(row.group(2));
            int last = row.group(3) == null ? first : Integer.parseInt(row.group(3));
            ids(row.group(1), first, last).forEach(ids::add);
        }
        return ids;
    }

    @Test
    void behaviours_ofLinux_areAllThereOnceWithAVerdict() throws IOException {
        List<MatchResult> rows = rows(true);
        Map<String, Integer> last = new TreeMap<>(Map.of(
                "R", 10, "C", 15, "P", 8, "L", 18, "F", 5, "W", 10, "M", 27, "D", 12, "N", 6, "H",
                10));
        last.put("X", 5);
        Stream<String> arguments = Stream.of(ids("A", 1, 12), ids("A", 20, 32), ids("A", 40, 50))
                .flatMap(range -> range);
        Stream<String> others =
                last.entrySet().stream().flatMap(entry -> ids(entry.getKey(), 1, entry.getValue()));
        assertThat(ids(rows))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(arguments, others).toList());
        assertThat(rows).allSatisfy(row -> assertThat(row.group(4)).matches(VERDICT));
    }

    @Test
    void cases_ofLinuxsTests_areAllThereOnce() throws IOException {
        List<MatchResult> rows = rows(false);
        List<String> expected = Stream.of(
                        ids("T", 1, 38), ids("cow ", 1, 14), ids("gap ", 1, 11), ids("B", 1, 25))
                .flatMap(range -> range)
                .toList();
        assertThat(ids(rows)).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(Files.readString(DOCUMENT))
                .contains("| gup_test |")
                .contains("| gup_longterm |");
        assertThat(rows)
                .as("a test, or why there is none")
                .allSatisfy(
                        row -> assertThat(row.group(4)).containsAnyOf("Test.", "not applicable"));
    }

    @Test
    void tests_named_exist() throws IOException {
        Map<String, String> sources = testSources();
        Matcher named = TEST.matcher(Files.readString(DOCUMENT));
        int count = 0;
        while (named.find()) {
            assertThat(sources).as(named.group()).containsKey(named.group(1));
            assertThat(sources.get(named.group(1)))
                    .as(named.group())
                    .contains("    void " + named.group(2) + "(");
            count++;
        }
        assertThat(count).isGreaterThan(40);
    }

    /** {@return the sources of all modules' test classes by simple name} */
    private static Map<String, String> testSources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path tests : modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .collect(Collectors.toList())) {
                try (Stream<Path> files = Files.walk(tests)) {
                    for (Path file : files.filter(path -> path.toString().endsWith("Test.java"))
                            .toList()) {
                        String name = file.getFileName().toString().replace(".java", "");
                        sources.merge(name, Files.readString(file), String::concat);
                    }
                }
            }
        }
        return sources;
    }
}
