// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import io.highpage.outcome.AccessMode;

import java.util.function.Function;

/**
 * Replays a trace with one policy and counts the bytes that are moved. Device memory is not in
 * pieces: any spans that are as large together fit. All bytes are at home in the beginning, and
 * what differs from home in the end is copied there. Confined to one thread.
 */
final class Simulation {
    private final Trace trace;
    private final boolean[] there;
    private final boolean[] dirty;
    private long usedBytes;
    private long movedBytes;
    private int now;

    private Simulation(Trace trace) {
        this.trace = trace;
        there = new boolean[trace.spanBytes().size()];
        dirty = new boolean[there.length];
    }

    /**
     * {@return the bytes that are moved}
     *
     * @param policy makes the policy for the replay
     */
    static long replay(Trace trace, Function<Simulation, Replacement> policy) {
        Simulation simulation = new Simulation(trace);
        simulation.replay(policy.apply(simulation));
        return simulation.movedBytes;
    }

    private void replay(Replacement policy) {
        for (now = 0; now < trace.spans().size(); now++) {
            int span = trace.spans().get(now);
            if (there[span]) {
                policy.hit(span);
            } else {
                while (neededBytes() > 0) {
                    leave(policy.victim());
                }
                there[span] = true;
                usedBytes += bytes(span);
                movedBytes += mode() == AccessMode.WRITE ? 0 : bytes(span);
                policy.came(span);
            }
            dirty[span] |= mode() != AccessMode.READ;
        }
        for (int span = 0; span < dirty.length; span++) {
            clean(span);
        }
    }

    private void leave(int span) {
        if (!there[span]) {
            throw new IllegalStateException("span " + span + " is not there");
        }
        there[span] = false;
        usedBytes -= bytes(span);
        clean(span);
    }

    private void clean(int span) {
        movedBytes += dirtyBytes(span);
        dirty[span] = false;
    }

    // ---- what policies may look at ----

    Trace trace() {
        return trace;
    }

    /** {@return the number of the use that is under way} */
    int now() {
        return now;
    }

    /** {@return what it does} */
    AccessMode mode() {
        return trace.modes().get(now);
    }

    /** {@return how much room it lacks} */
    long neededBytes() {
        return usedBytes + bytes(trace.spans().get(now)) - trace.memoryBytes();
    }

    boolean isThere(int span) {
        return there[span];
    }

    long bytes(int span) {
        return trace.spanBytes().get(span);
    }

    /** {@return the bytes that differ from home} */
    long dirtyBytes(int span) {
        return dirty[span] ? bytes(span) : 0;
    }
}
