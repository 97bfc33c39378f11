// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

import io.highpage.EvictionPolicy;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Highpage's own policy: the span whose bytes would move least often if it were not there leaves
 * first. One that has to be copied home now counts as worth half as much again, so that of those
 * about as warm the clean ones go.
 */
public final class LeastWorthFirst implements EvictionPolicy {
    private static final double DIRTY = 0.5;

    /** A span with its worth. */
    private record Ranked(Candidate span, double worth) implements Comparable<Ranked> {
        @Override
        public int compareTo(Ranked other) {
            int byWorth = Double.compare(worth, other.worth);
            return byWorth != 0 ? byWorth : Long.compare(other.span.lastUse(), span.lastUse());
        }
    }

    /**
     * As many as are needed, and as many again. Most candidates are looked at once and left alone:
     * only those that are to leave are kept in order.
     */
    @Override
    public List<Candidate> victims(Snapshot snapshot) {
        long enough = 2 * Math.min(snapshot.neededBytes(), Long.MAX_VALUE / 4);
        PriorityQueue<Ranked> leave = new PriorityQueue<>(Comparator.reverseOrder());
        long bytes = 0;
        for (Candidate span : snapshot.candidates()) {
            double worth = span.worth() * (1 + DIRTY * span.dirtyBytes() / span.byteSize());
            if (bytes >= enough && worth > leave.element().worth()) {
                continue;
            }
            leave.add(new Ranked(span, worth));
            bytes += span.byteSize();
            while (bytes - leave.element().span().byteSize() >= enough) {
                bytes -= leave.remove().span().byteSize();
            }
        }
        return leave.stream().sorted().map(Ranked::span).toList();
    }
}
