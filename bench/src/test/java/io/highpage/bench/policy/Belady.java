// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import java.util.Arrays;

/** The span whose next use is farthest leaves. */
final class Belady implements Replacement {
    private final Simulation simulation;
    private final int[] next; // of each use, when the same span is used again
    private final int[] due; // of each span

    Belady(Simulation simulation) {
        this.simulation = simulation;
        Trace trace = simulation.trace();
        next = new int[trace.spans().size()];
        due = new int[trace.spanBytes().size()];
        Arrays.fill(due, Integer.MAX_VALUE);
        for (int i = next.length - 1; i >= 0; i--) {
            next[i] = due[trace.spans().get(i)];
            due[trace.spans().get(i)] = i;
        }
    }

    @Override
    public void hit(int span) {
        due[span] = next[simulation.now()];
    }

    @Override
    public int victim() {
        int farthest = -1;
        for (int span = 0; span < due.length; span++) {
            if (simulation.isThere(span) && (farthest < 0 || due[span] > due[farthest])) {
                farthest = span;
            }
        }
        return farthest;
    }

    @Override
    public void came(int span) {
        hit(span);
    }
}
