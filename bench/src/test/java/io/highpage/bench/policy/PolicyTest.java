// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.highpage.EvictionPolicy;
import io.highpage.EvictionPolicy.Candidate;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Holds the shipped policy to its limits, and the stored results to what it does. */
class PolicyTest {
    private static final Path TOP = Path.of("..");
    private static final Path TRACES = TOP.resolve("bench/traces");
    private static final Path STORED = TOP.resolve("bench/results/policy.json");

    @TempDir
    private Path folder;

    private static Trace trace(String name) throws IOException {
        return Trace.read(TRACES.resolve(name + Trace.ENDING));
    }

    @Test
    void committedTraces_keepTheirLimits_asStored() throws IOException {
        Results results = Results.of("", List.of(TRACES));

        assertThat(results.notKept()).isEmpty();
        Results stored = Results.read(STORED);
        assertThat(stored.traces()).isEqualTo(results.traces());
        assertThat(Files.readString(TOP.resolve("docs/eviction.svg")))
                .isEqualTo(PolicyChart.svg(stored));
        Matcher table = Pattern.compile(
                        "<!-- highpage bench policy --markdown -->\n(.*?)<!-- end -->",
                        Pattern.DOTALL)
                .matcher(Files.readString(TOP.resolve("docs/eviction.md")));
        assertThat(table.find()).isTrue();
        assertThat(table.group(1)).isEqualTo(stored.markdown());
    }

    @Test
    void generatedTraces_areThoseCommitted() throws IOException {
        Workloads.write(folder);

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files)
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(file)
                            .hasSameTextualContentAs(TRACES.resolve(file.getFileName())));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"loop-1.1", "loop-2", "loop-2-modify", "loop-4"})
    void leastRecentlyUsed_doesNotKeepTheLimitOfALoop(String name) throws IOException {
        EvictionPolicy lru = snapshot -> snapshot.candidates().stream()
                .sorted(Comparator.comparingLong(Candidate::lastUse))
                .toList();
        Trace loop = trace(name);
        Map<String, Long> moved = new HashMap<>(Result.of(loop).moved());
        moved.put(Policy.HIGHPAGE.title(), Policy.replay(loop, lru));

        assertThat(Policy.replay(loop, lru)).isEqualTo(Policy.LRU.moved(loop));
        assertThat(Result.of(loop, moved).isKept()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"loop-1.1", "loop-4", "loop-2-modify", "layers-2", "skew-0.8"})
    void bound_isWhatBeladyMoves_whereSpansCostTheSame(String name) throws IOException {
        Trace trace = trace(name);

        assertThat(Policy.OPTIMUM.moved(trace)).isEqualTo(Simulation.replay(trace, Belady::new));
    }

    @Test
    void bound_isBelowWhatAnyPolicyMoves() throws IOException {
        for (Result result : Results.read(STORED).traces()) {
            Trace trace = trace(result.trace());
            long least = Policy.OPTIMUM.moved(trace);
            assertThat(Simulation.replay(trace, Belady::new))
                    .as(trace.name())
                    .isGreaterThanOrEqualTo(least);
            assertThat(result.moved().values()).allMatch(moved -> moved >= least);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "highpage-accesses 2 | line 1: a trace of accesses begins with",
                "memory 0 | line 2: 0 is not positive",
                "memory | line 2: 'memory' lacks a number",
                "memory 8;spans 2 4;read 2 | line 4: there are 2 spans, and none is 2",
                "memory 8;spans 2 16;read 1 | line 4: span 1 has 16 bytes, memory 8",
                "memory 8;spans 2 4;touch 1 | line 4: 'touch' is none of memory",
                "memory 8;spans 2 4;read x | line 4: 'read x' lacks a number",
                "memory 8;spans 2 4;read -1 | line 4: 'read -1' lacks a number",
                "memory 8;spans 3 4;spans 1048576 4 | line 4: more than 1048576 spans",
                "limit 2 worst | line 2: a limit is of optimum or best",
                "memory 8;spans 2 4 | line 3: no span is used"
            })
    void malformedTrace_isRefused_withItsLine(String lines, String message) throws IOException {
        Path file = folder.resolve("bad" + Trace.ENDING);
        String header = lines.startsWith("highpage") ? "" : Trace.HEADER + "\n";
        Files.writeString(file, header + lines.replace(';', '\n'));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Trace.read(file))
                .withMessageStartingWith(file + ", ")
                .withMessageContaining(message);
    }

    @Test
    void placeWithoutTraces_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Results.of("", List.of(folder)))
                .withMessageContaining("no files *.trace");
        Path missing = folder.resolve("missing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Results.of("", List.of(missing)))
                .withMessage("there is no file or folder " + missing);
    }
}
