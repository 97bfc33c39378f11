// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import io.highpage.EvictionPolicy;
import io.highpage.internal.budget.LeastWorthFirst;

import java.util.function.Function;
import java.util.function.ToLongFunction;

/** A way to choose victims, by name. */
enum Policy {
    HIGHPAGE("Highpage", trace -> replay(trace, new LeastWorthFirst())),
    LRU("LRU", trace -> with(trace, replay -> new Replacements.Lru())),
    LIRS("LIRS", trace -> with(trace, replay -> new Replacements.Lirs(spans(trace), room(trace)))),
    SIEVE("SIEVE", trace -> with(trace, replay -> new Replacements.Sieve(spans(trace)))),
    S3_FIFO(
            "S3-FIFO",
            trace -> with(trace, replay -> new Replacements.S3Fifo(spans(trace), room(trace)))),
    FREQUENCY(
            "perfect frequency",
            trace -> with(trace, replay -> new Replacements.PerfectFrequency(trace))),
    OPTIMUM("optimum", Bound::of);

    private final String title;
    private final ToLongFunction<Trace> moved;

    Policy(String title, ToLongFunction<Trace> moved) {
        this.title = title;
        this.moved = moved;
    }

    /** {@return its name for people} */
    String title() {
        return title;
    }

    /** {@return whether Highpage's is compared with it as one of those that might be shipped} */
    boolean isPeer() {
        return this != HIGHPAGE && this != OPTIMUM;
    }

    /** {@return the bytes that it moves} */
    long moved(Trace trace) {
        return moved.applyAsLong(trace);
    }

    /** {@return the bytes that a policy moves which Highpage could ask} */
    static long replay(Trace trace, EvictionPolicy policy) {
        return with(trace, replay -> new Asked(replay, policy));
    }

    private static long with(Trace trace, Function<Simulation, Replacement> policy) {
        return Simulation.replay(trace, policy);
    }

    private static int spans(Trace trace) {
        return trace.spanBytes().size();
    }

    /** {@return how many spans of mean length fit} */
    private static int room(Trace trace) {
        return (int) Math.max(2, trace.memoryBytes() * spans(trace) / trace.dataBytes());
    }
}
