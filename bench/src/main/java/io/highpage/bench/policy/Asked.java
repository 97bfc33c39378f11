// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import io.highpage.EvictionPolicy;
import io.highpage.EvictionPolicy.Candidate;
import io.highpage.internal.budget.SpanHistory;
import io.highpage.internal.budget.SpanSnapshot;
import io.highpage.internal.budget.UseClock;

import java.util.ArrayDeque;
import java.util.Deque;

/** A policy as Highpage takes them, asked as Highpage asks, with the histories that it writes. */
final class Asked implements Replacement {
    private final Simulation simulation;
    private final EvictionPolicy policy;
    private final UseClock clock = new UseClock();
    private final SpanHistory[] histories;
    private final Deque<Candidate> victims = new ArrayDeque<>();

    Asked(Simulation simulation, EvictionPolicy policy) {
        this.simulation = simulation;
        this.policy = policy;
        histories = new SpanHistory[simulation.trace().spanBytes().size()];
        for (int i = 0; i < histories.length; i++) {
            histories[i] = new SpanHistory();
        }
    }

    @Override
    public void hit(int span) {
        clock.use(histories[span], simulation.mode());
    }

    @Override
    public int victim() {
        if (victims.isEmpty()) {
            victims.addAll(policy.victims(snapshot()));
        }
        return (Integer) ((SpanSnapshot.Span<?>) victims.remove()).span();
    }

    private SpanSnapshot snapshot() {
        SpanSnapshot snapshot = new SpanSnapshot("simulated", simulation.neededBytes(), clock);
        for (int span = 0; span < histories.length; span++) {
            if (simulation.isThere(span)) {
                snapshot.add(
                        span, histories[span], simulation.bytes(span), simulation.dirtyBytes(span));
            }
        }
        return snapshot;
    }

    @Override
    public void came(int span) {
        int resident = 0;
        for (int each = 0; each < histories.length; each++) {
            resident += simulation.isThere(each) ? 1 : 0;
        }
        clock.resident(resident);
        victims.clear(); // those that were not needed stay
        hit(span);
    }
}
