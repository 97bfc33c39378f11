// SPDX-License-Identifier: Apache-2.0
package io.highpage.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Compares what every package of every module uses with the table of docs/architecture.md: an arrow
 * up, a circle, a package in two modules and a call of native code from elsewhere are failures.
 */
class LayersTest {
    /** Of a class whose name is its purpose, which uses one other: the short name of a profiler. */
    private static final String NO_PACKAGE = "";

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final String TOP = "io.highpage";
    private static final Path SOURCES = Path.of("src", "main", "java");
    private static final Pattern IN_WORDS = Pattern.compile(
            "(?s)/\\*.*?\\*/|\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"|//[^\n]*|^package [^\n]*",
            Pattern.MULTILINE);
    private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
    private static final Pattern NAME = Pattern.compile("\\bio\\.highpage[\\w.]*");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `([\\w.]+)` \\| (\\w+) \\|(.*?)\\|$");
    private static final Pattern QUOTED = Pattern.compile("`([\\w.]+)`");

    /** Functions of the bindings have names in lower case, constants in upper case. */
    private static final Pattern NATIVE_CALL = Pattern.compile("nativeLinker|downcallHandle"
            + "|\\b\\w+_h\\.[a-z]\\w*\\b|import static"
            + " io\\.highpage\\.bindings[\\w.]*\\.[a-z]\\w*;");

    private static final Map<String, Row> TABLE = new LinkedHashMap<>();
    private static final Set<String> CIRCLES = new TreeSet<>();
    private static final Set<String> CALLERS = new TreeSet<>();
    private static final List<Source> FILES = new ArrayList<>();

    private record Row(String module, Set<String> uses) {}

    /** A file: where it is, and its code without comments and texts. */
    private record Source(Path folder, String packageName, String name, String code) {
        static Source of(Path file) throws IOException {
            int sources = file.toString().indexOf(SOURCES.toString());
            String text = Files.readString(file);
            Matcher named = PACKAGE.matcher(text);
            return new Source(
                    Path.of(file.toString().substring(0, sources)),
                    named.find() ? named.group(1) : NO_PACKAGE,
                    file.getFileName().toString().replace(".java", ""),
                    IN_WORDS.matcher(text).replaceAll(""));
        }

        /** {@return the name of its module: that of the folder, also of one in a folder} */
        String module() {
            return folder.getFileName().toString();
        }

        /** {@return the packages whose classes it names, with the names} */
        Map<String, Set<String>> uses() {
            Map<String, Set<String>> uses = new TreeMap<>();
            NAME.matcher(code).results().map(MatchResult::group).forEach(named -> {
                packages()
                        .filter(known -> named.equals(known) || named.startsWith(known + '.'))
                        .max(Comparator.comparingInt(String::length))
                        .filter(used -> !used.equals(packageName))
                        .ifPresent(used -> uses.computeIfAbsent(used, any -> new TreeSet<>())
                                .add(named));
            });
            return uses;
        }
    }

    private static Stream<String> packages() {
        return FILES.stream().map(Source::packageName).distinct();
    }

    private static String shortName(String name) {
        return name.startsWith(TOP + '.') ? name.substring(TOP.length() + 1) : name;
    }

    private static String table(String architecture, String which) {
        Matcher found = Pattern.compile("(?s)<!-- " + which + " -->(.*)<!-- /" + which + " -->")
                .matcher(architecture);
        assertThat(found.find())
                .as("table of " + which + " in docs/architecture.md")
                .isTrue();
        return found.group(1);
    }

    private static Set<String> quoted(String text) {
        Set<String> all = new TreeSet<>();
        QUOTED.matcher(text).results().forEach(each -> all.add(each.group(1)));
        return all;
    }

    /** Tells what differs and no more: the tables have hundreds of rows. */
    private static void assertSame(Set<String> found, Set<String> told) {
        assertThat(found.stream().filter(each -> !told.contains(each)))
                .as("what is so, but not in docs/architecture.md")
                .isEmpty();
        assertThat(told.stream().filter(each -> !found.contains(each)))
                .as("what is in docs/architecture.md, but not so")
                .isEmpty();
    }

    @BeforeAll
    static void read() throws IOException {
        for (Path file : SourceFiles.below(ROOT, ".java")) {
            if (file.toString().contains("/" + SOURCES + "/")
                    && !file.endsWith("module-info.java")) {
                Source source = Source.of(file);
                if (!source.packageName().equals(NO_PACKAGE)) {
                    FILES.add(source);
                }
            }
        }
        String architecture = Files.readString(ROOT.resolve("docs/architecture.md"));
        ROW.matcher(table(architecture, "packages"))
                .results()
                .forEach(row ->
                        TABLE.put(row.group(1), new Row(row.group(2), quoted(row.group(3)))));
        table(architecture, "circles")
                .lines()
                .filter(line -> line.contains("→"))
                .forEach(line -> {
                    String[] sides = line.split("→");
                    quoted(sides[0])
                            .forEach(from -> quoted(sides[1])
                                    .forEach(to ->
                                            CIRCLES.add(TOP + '.' + from + " " + TOP + '.' + to)));
                });
        CALLERS.addAll(quoted(table(architecture, "callers")));
    }

    @Test
    void everyPackage_isInTheTable_inOneModule() {
        Set<String> found = new TreeSet<>();
        FILES.forEach(file -> found.add(shortName(file.packageName()) + " in " + file.module()));
        Set<String> told = new TreeSet<>();
        TABLE.forEach((name, row) -> told.add(name + " in " + row.module()));
        assertSame(found, told);
    }

    @Test
    void everyPackage_usesWhatTheTableSays() {
        Set<String> found = new TreeSet<>();
        Set<String> circles = new TreeSet<>();
        for (Source file : FILES) {
            file.uses().forEach((used, names) -> {
                for (String name : names) {
                    String arrow = file.packageName() + '.' + file.name() + " " + name;
                    if (CIRCLES.contains(arrow)) {
                        circles.add(arrow);
                    } else {
                        found.add(shortName(file.packageName()) + " uses " + shortName(used));
                    }
                }
            });
        }
        Set<String> told = new TreeSet<>();
        TABLE.forEach((name, row) -> row.uses().forEach(used -> told.add(name + " uses " + used)));
        assertSame(found, told);
        assertSame(circles, CIRCLES);
    }

    @Test
    void everyArrow_pointsUpInTheTable_toWhatIsBelow() {
        List<String> order = List.copyOf(TABLE.keySet());
        List<String> wrong = new ArrayList<>();
        TABLE.forEach((name, row) -> row.uses().stream()
                .filter(used -> !order.subList(0, order.indexOf(name)).contains(used))
                .forEach(used -> wrong.add(name + " uses " + used)));
        assertThat(wrong).as("uses of what is not above it in the table").isEmpty();
    }

    @Test
    void nativeCode_isCalledFromAFewPackages() {
        Set<String> found = new TreeSet<>();
        for (Source file : FILES) {
            if (!file.packageName().startsWith(TOP + ".bindings")
                    && NATIVE_CALL.matcher(file.code()).find()) {
                found.add(shortName(file.packageName()));
            }
        }
        assertSame(found, CALLERS);
    }

    @Test
    void onlyOneClass_asksForLoggers_soThatNoLogFailsItsCaller() {
        assertThat(FILES.stream()
                        .filter(file -> file.code().contains("System.getLogger("))
                        .map(Source::name))
                .containsExactly("Log");
    }

    @Test
    void everyPackage_saysWhatItUsesAndWhichThreadsComeBy() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Source file : FILES) {
            String name = shortName(file.packageName());
            Path info = file.folder()
                    .resolve(SOURCES)
                    .resolve(file.packageName().replace('.', '/'))
                    .resolve("package-info.java");
            if (name.startsWith("bindings.") || wrong.contains(name) || !TABLE.containsKey(name)) {
                continue;
            }
            String text =
                    Files.exists(info) ? Files.readString(info).replaceAll("\\s+(\\* )?", " ") : "";
            Matcher uses =
                    Pattern.compile("<p>Uses: (.*?)\\. \\* <p>Threads: \\w").matcher(text);
            Set<String> told = uses.find()
                    ? new TreeSet<>(Arrays.asList(uses.group(1).split(", ")))
                    : Set.of();
            Set<String> right = TABLE.get(name).uses();
            if (!told.equals(right.isEmpty() ? Set.of("nothing") : right)) {
                wrong.add(name);
            }
        }
        assertThat(wrong)
                .as("package-info without '<p>Uses: ...' as in docs/architecture.md and"
                        + " '<p>Threads: ...'")
                .isEmpty();
    }
}
