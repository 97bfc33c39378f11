// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

import io.highpage.EvictionPolicy;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Highpage's own policy: the span whose bytes would move least often if it were not there leaves
 * first. One that has to be copied home now counts as worth half as much again, so that of those
 * about as warm the clean ones go.
 */
public final class LeastWorthFirst implements EvictionPolicy {
    private static final double DIRTY = 0.5;

    /** A span with its worth, which is asked for many times. */
    private record Ranked(Candidate span, double worth) implements Comparable<Ranked> {
        static Ranked of(Candidate span) {
            return new Ranked(
                    span, span.worth() * (1 + DIRTY * span.dirtyBytes() / span.byteSize()));
        }

        @Override
        public int compareTo(Ranked other) {
            int byWorth = Double.compare(worth, other.worth);
            return byWorth != 0 ? byWorth : Long.compare(other.span.lastUse(), span.lastUse());
        }
    }

    /** As many as are needed, and as many again. */
    @Override
    public List<Candidate> victims(Snapshot snapshot) {
        PriorityQueue<Ranked> ranked = new PriorityQueue<>();
        for (Candidate candidate : snapshot.candidates()) {
            ranked.add(Ranked.of(candidate));
        }
        List<Candidate> victims = new ArrayList<>();
        for (long bytes = 0; bytes < 2 * snapshot.neededBytes() && !ranked.isEmpty(); ) {
            Candidate victim = ranked.remove().span();
            victims.add(victim);
            bytes += victim.byteSize();
        }
        return victims;
    }
}
