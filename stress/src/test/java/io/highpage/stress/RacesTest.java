// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;
import org.openjdk.jcstress.infra.runners.TestList;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Runs pairs of operations that can meet, as shipped and weakened: some of them, which a seed
 * chooses, or all with {@code -Dhighpage.stress.all=true}. {@code -Dhighpage.stress.seconds=600} is
 * the time for each pair; in a soak all share a quarter of it.
 */
class RacesTest {
    private static final String SHIPPED = ".Shipped";
    private static final String WEAKENED = ".Weakened";

    /**
     * How often a test that showed nothing may try again: on a busy machine the actors may hardly
     * ever meet.
     */
    private static final int TRIES = 6;

    private static final int SECONDS = Integer.getInteger("highpage.stress.seconds", 2);

    private static final int SOAK_SECONDS = Integer.getInteger("highpage.soak.seconds", 0) / 4;

    /** How many pairs run where time is short: what takes longest is to start their JVMs. */
    private static final int SAMPLE = 8;

    private static final boolean ALL =
            SOAK_SECONDS > 0 || Boolean.getBoolean("highpage.stress.all");

    private static final long SEED = Long.getLong("highpage.stress.seed", System.nanoTime());

    /** What it takes to start the JVM of a pair, about. */
    private static final int START_SECONDS = 2;

    @BeforeAll
    static void needsTwoProcessors() {
        assumeTrue(Runtime.getRuntime().availableProcessors() >= 2, "races need two processors");
    }

    @Test
    void everyPair_hasATwin() {
        assertThat(pairs(SHIPPED)).isNotEmpty().isEqualTo(pairs(WEAKENED));
    }

    @Test
    @Tag("soak")
    void shipped_showsEveryOrderAndNothingForbidden() {
        int pairs = chosen(SHIPPED).size();
        assertAll(
                SHIPPED,
                SOAK_SECONDS == 0 ? SECONDS : Math.max(1, SOAK_SECONDS / pairs - START_SECONDS),
                "-ea",
                result -> grades(result).stream()
                        .filter(grade -> grade.expect == Expect.ACCEPTABLE)
                        .allMatch(grade -> grade.count > 0));
    }

    @Test
    void weakened_showsItsBug() {
        // Without assertions: they see most bugs before the outcome does.
        assertAll(
                WEAKENED,
                1,
                "-da",
                result -> grades(result).stream()
                        .anyMatch(grade ->
                                grade.expect == Expect.ACCEPTABLE_INTERESTING && grade.count > 0));
    }

    /**
     * Runs all tests of a kind; each must be without failure each time, and show what is wanted of
     * it at least once.
     */
    private static void assertAll(
            String kind, int seconds, String jvmArguments, Predicate<TestResult> wanted) {
        Set<String> missing = chosen(kind);
        long start = System.nanoTime();
        long meetings = 0;
        for (int round = 0; round < TRIES && !missing.isEmpty(); round++) {
            String names = missing.stream()
                    .map(pair -> pair.replace(".", "\\."))
                    .collect(Collectors.joining("|", "^(", ")\\" + kind + "$"));
            Collection<TestResult> results = Jcstress.run(
                    kind.substring(1).toLowerCase() + round, names, seconds << round, jvmArguments);
            assertThat(results).hasSameSizeAs(missing).allSatisfy(RacesTest::assertPassed);
            meetings += results.stream()
                    .flatMap(result -> grades(result).stream())
                    .mapToLong(grade -> grade.count)
                    .sum();
            results.stream()
                    .filter(wanted)
                    .forEach(result -> missing.remove(pair(result.getName(), kind)));
        }
        assertThat(missing)
                .describedAs("did not show what they should, -Dhighpage.stress.seed=" + SEED)
                .isEmpty();
        System.out.printf(
                "races: %s: done, %,d meetings of %d pairs, %d s%s%n",
                kind.substring(1).toLowerCase(),
                meetings,
                chosen(kind).size(),
                (System.nanoTime() - start) / 1_000_000_000L,
                ALL ? "" : ", -Dhighpage.stress.seed=" + SEED);
    }

    private static void assertPassed(TestResult result) {
        assertThat(result.status())
                .describedAs("%s: %s %s", result.getName(), result.getMessages(), result.getVmErr())
                .isEqualTo(Status.NORMAL);
        assertThat(grades(result))
                .describedAs(result.getName())
                .noneMatch(grade -> grade.expect == Expect.FORBIDDEN && grade.count > 0);
        assertThat(result.grading().failureMessages)
                .describedAs(result.getName())
                .isEmpty();
    }

    private static List<GradingResult> grades(TestResult result) {
        return List.copyOf(result.grading().gradingResults.values());
    }

    /** {@return the pairs that run, the same ones of each kind} */
    private static Set<String> chosen(String kind) {
        List<String> all = new ArrayList<>(pairs(kind));
        Collections.shuffle(all, new Random(SEED));
        return new TreeSet<>(ALL ? all : all.subList(0, SAMPLE));
    }

    private static Set<String> pairs(String kind) {
        return TestList.tests().stream()
                .filter(name -> name.endsWith(kind))
                .map(name -> pair(name, kind))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String pair(String name, String kind) {
        return name.substring(0, name.length() - kind.length());
    }
}
