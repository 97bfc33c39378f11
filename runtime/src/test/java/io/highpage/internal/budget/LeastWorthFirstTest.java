// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.EvictionPolicy.Candidate;
import io.highpage.EvictionPolicy.Snapshot;

import org.junit.jupiter.api.Test;

import java.util.List;

class LeastWorthFirstTest {
    private static final LeastWorthFirst POLICY = new LeastWorthFirst();

    private record Span(String name, long dirtyBytes, long lastUse, double worth)
            implements Candidate {
        @Override
        public long byteSize() {
            return 100;
        }

        @Override
        public long uses() {
            return 1;
        }
    }

    private record Full(long neededBytes, List<Candidate> candidates) implements Snapshot {
        @Override
        public String device() {
            return "device";
        }

        @Override
        public long now() {
            return 1000;
        }
    }

    private static List<String> order(long needed, Candidate... candidates) {
        return POLICY.victims(new Full(needed, List.of(candidates))).stream()
                .map(victim -> ((Span) victim).name())
                .toList();
    }

    @Test
    void leastWorth_leavesFirst_ofEqualsTheOneUsedLast() {
        assertThat(order(
                        1000,
                        new Span("warm", 0, 5, 0.5),
                        new Span("older", 0, 6, 0.1),
                        new Span("cold", 0, 9, 0.01),
                        new Span("newer", 0, 7, 0.1)))
                .containsExactly("cold", "newer", "older", "warm");
    }

    @Test
    void clean_leavesBeforeDirty_ofThoseAboutAsWarm() {
        assertThat(order(
                        1000,
                        new Span("dirty", 100, 5, 0.1),
                        new Span("clean", 0, 5, 0.14),
                        new Span("half", 50, 5, 0.1),
                        new Span("warm", 0, 5, 0.16)))
                .containsExactly("half", "clean", "dirty", "warm");
    }

    @Test
    void asManyAreNamedAsAreNeeded_andAsManyAgain() {
        Span span = new Span("a", 0, 1, 1);

        assertThat(order(1, span, span, span, span)).hasSize(1);
        assertThat(order(101, span, span, span, span)).hasSize(3);
        assertThat(order(Long.MAX_VALUE / 2, span, span)).hasSize(2);
        assertThat(order(1)).isEmpty();
    }
}
