// SPDX-License-Identifier: Apache-2.0
package io.highpage.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.highpage.testkit.SideBySide;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Lets the model checker Spin look at every interleaving of the page protocol's models, which must
 * be sound, and at the weakened models, each of which it must refute. All of it takes about two
 * minutes and 2 GiB of memory.
 *
 * <p>Skipped without Spin or a C compiler; with {@code HIGHPAGE_REQUIRE_SPIN=true} in the
 * environment it fails then.
 */
class PageModelTest {
    private static final Path MODEL = Path.of("../docs/model/pages.pml").toAbsolutePath();
    private static final Path COPIES = Path.of("../docs/model/copies.pml").toAbsolutePath();
    private static final Pattern WEAKENED =
            Pattern.compile("// WEAKEN (\\d+) in CAST (\\d)(, with fair threads)?: (.*)");
    private static final Pattern TESTED = Pattern.compile("#(?:el)?if WEAKEN [=!]= (\\d+)");

    /**
     * Twenty times what a run takes on a slow machine: a run that hangs must not hang the build.
     */
    private static final long RUN_SECONDS = 600;

    /** The long ones, the longest first; of the copies on a private device, and a coherent one. */
    private static final List<Check> SOUND = List.of(
            sound(MODEL, "2"),
            sound(MODEL, "0"),
            sound(MODEL, "1"),
            sound(COPIES, "1"),
            sound(COPIES, "0"),
            sound(MODEL, "4"));

    @TempDir
    private static Path folder;

    private static SideBySide<Check, String> verdicts;

    /** What Spin, the compiler and the verifier are given. */
    private record Check(
            Path source, List<String> model, List<String> verifier, List<String> search) {
        @Override
        public String toString() {
            return source.getFileName() + " " + String.join(" ", model);
        }
    }

    private static Check sound(Path model, String cast) {
        return new Check(
                model,
                List.of("-DCAST=" + cast),
                List.of("-O2", "-DSAFETY", "-DNOCLAIM"),
                List.of("-m4000000", "-w25"));
    }

    @BeforeAll
    static void begin() {
        needsSpin();
        verdicts = new SideBySide<>(SOUND, PageModelTest::verdict);
    }

    @AfterAll
    static void end() {
        if (verdicts != null) { // where there is Spin
            verdicts.close();
        }
    }

    private static void needsSpin() {
        for (String[] tool : new String[][] {{"spin", "spin"}, {"cc", "gcc"}}) {
            if (!isOnPath(tool[0])) {
                String text = tool[0] + " is missing: apt-get install " + tool[1];
                if (Boolean.parseBoolean(System.getenv("HIGHPAGE_REQUIRE_SPIN"))) {
                    fail(text);
                }
                abort(text);
            }
        }
    }

    private static boolean isOnPath(String tool) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(entry -> Files.isExecutable(Path.of(entry, tool)));
    }

    static Stream<Arguments> weakened() throws IOException {
        return weakened(MODEL, false);
    }

    static Stream<Arguments> weakenedProgress() throws IOException {
        return weakened(MODEL, true);
    }

    static Stream<Arguments> weakenedCopies() throws IOException {
        return weakened(COPIES, false);
    }

    private static Stream<Arguments> weakened(Path model, boolean progress) throws IOException {
        return Files.readAllLines(model).stream()
                .map(WEAKENED::matcher)
                .filter(Matcher::matches)
                .filter(line -> progress == (line.group(3) != null))
                .map(line -> Arguments.of(
                        Integer.parseInt(line.group(1)), line.group(2), line.group(4)));
    }

    @ParameterizedTest
    @FieldSource("SOUND")
    void model_inEveryInterleaving_keepsEveryProperty(Check model) throws Exception {
        assertSound(verdicts.get(model));
    }

    @ParameterizedTest(name = "cast {0}: {1}")
    @CsvSource({"3, no_page_locked_for_ever", "4, nobody_waits_for_a_hung_call"})
    void model_withFairThreads_getsOn(String cast, String property) throws Exception {
        String verdict = checkFair("-DCAST=" + cast);
        assertThat(verdict).contains(property);
        assertSound(verdict);
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("weakenedProgress")
    void model_weakenedWithFairThreads_isRefuted(int number, String cast, String change)
            throws Exception {
        String verdict = checkFair("-DCAST=" + cast, "-DWEAKEN=" + number);
        assertThat(verdict).as(change).contains("acceptance cycle (").contains("errors: 1");
    }

    @Test
    void model_thatForgetsToPutBack_locksAPageForEver() throws Exception {
        assertThat(checkFair("-DCAST=3", "-DWEAKEN=8"))
                .contains("acceptance cycle (")
                .contains("errors: 1");
    }

    /** {@return what the verifier says of progress; assertions are left to the other tests} */
    private static String checkFair(String... model) throws Exception {
        return verdict(new Check(
                MODEL,
                List.of(model),
                List.of("-O0", "-DNFAIR=4"),
                List.of("-A", "-a", "-f", "-m4000000")));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("weakened")
    void model_weakened_isRefuted(int number, String cast, String change) throws Exception {
        checkRefuted(MODEL, number, cast, change);
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("weakenedCopies")
    void modelOfCopies_weakened_isRefuted(int number, String cast, String change) throws Exception {
        checkRefuted(COPIES, number, cast, change);
    }

    private void checkRefuted(Path model, int number, String cast, String change) throws Exception {
        // Not deeper than it takes, so that a trail stays readable. The compiler would take longer
        // to optimise than the search, which ends at the first error.
        String verdict = verdict(new Check(
                model,
                List.of("-DCAST=" + cast, "-DWEAKEN=" + number),
                List.of("-O0", "-DSAFETY", "-DNOCLAIM"),
                List.of("-m20000", "-w22")));
        assertThat(verdict).as(change).contains("assertion violated").contains("errors: 1");
    }

    @Test
    void weakenings_listedAndWritten_areTheSame() throws IOException {
        checkListed(MODEL, Stream.concat(weakened(), weakenedProgress()));
        checkListed(COPIES, weakenedCopies());
    }

    private static void checkListed(Path model, Stream<Arguments> listed) throws IOException {
        List<Integer> written = TESTED.matcher(Files.readString(model))
                .results()
                .map(found -> Integer.parseInt(found.group(1)))
                .distinct()
                .sorted()
                .toList();
        assertThat(listed.map(row -> row.get()[0])).containsExactlyElementsOf(written);
        assertThat(written).hasSizeGreaterThanOrEqualTo(10);
    }

    private static void assertSound(String verdict) {
        assertThat(verdict)
                .contains("errors: 0")
                .doesNotContain("max search depth too small")
                .doesNotContain("Search not completed");
    }

    /** {@return what the verifier of the model says} */
    private static String verdict(Check check) throws Exception {
        Path own = Files.createTempDirectory(folder, "check");
        List<String> spin = new ArrayList<>(List.of("spin", "-a"));
        spin.addAll(check.model);
        spin.add(check.source.toString());
        run(own, spin);
        List<String> compile = new ArrayList<>(List.of("cc", "-w", "-DCOLLAPSE"));
        compile.addAll(check.verifier);
        compile.addAll(List.of("-o", "pan", "pan.c"));
        run(own, compile);
        List<String> pan = new ArrayList<>(List.of("./pan"));
        pan.addAll(check.search);
        return run(own, pan);
    }

    private static String run(Path own, List<String> command) throws Exception {
        File output = own.resolve("output").toFile();
        Process process = new ProcessBuilder(command)
                .directory(own.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
        boolean ended;
        try {
            ended = process.waitFor(RUN_SECONDS, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly().onExit().join();
        }
        String text = Files.readString(output.toPath());
        assertThat(ended).as("%s ended in time; it said:%n%s", command, text).isTrue();
        assertThat(process.exitValue()).as("%s said:%n%s", command, text).isZero();
        return text;
    }
}
