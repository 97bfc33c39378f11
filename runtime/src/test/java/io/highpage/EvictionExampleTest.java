// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.internal.budget.SpanHistory;
import io.highpage.internal.budget.SpanSnapshot;
import io.highpage.internal.budget.UseClock;
import io.highpage.testkit.Example;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** Compiles and runs the example of docs/eviction.md, and keeps the two equal. */
class EvictionExampleTest {

    // example
    /** What was used once, such as a scan, leaves before everything else; then the oldest. */
    static final class ScansFirst implements EvictionPolicy {
        @Override
        public List<Candidate> victims(Snapshot snapshot) {
            return snapshot.candidates().stream()
                    .sorted(Comparator.<Candidate>comparingInt(span -> span.uses() > 1 ? 1 : 0)
                            .thenComparingLong(Candidate::lastUse))
                    .toList();
        }
    }
    // end of example

    @Test
    void example_runs() {
        UseClock clock = new UseClock();
        SpanHistory often = new SpanHistory();
        SpanHistory old = new SpanHistory();
        SpanHistory scanned = new SpanHistory();
        for (SpanHistory used : List.of(old, often, old, often, scanned, often)) {
            clock.use(used);
        }
        SpanSnapshot snapshot = new SpanSnapshot("device", 1, clock);
        var first = snapshot.add("often", often, 8, 0);
        var second = snapshot.add("old", old, 8, 0);
        var third = snapshot.add("scanned", scanned, 8, 0);

        assertThat(new ScansFirst().victims(snapshot)).containsExactly(third, second, first);
    }

    @Test
    void example_isTheOneInTheDocument() throws IOException {
        assertThat(Files.readString(Path.of("../docs/eviction.md")))
                .contains(Example.block(EvictionExampleTest.class));
    }
}
