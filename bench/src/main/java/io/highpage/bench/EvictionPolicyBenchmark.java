// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.EvictionPolicy.Candidate;
import io.highpage.internal.budget.LeastWorthFirst;
import io.highpage.internal.budget.SpanHistory;
import io.highpage.internal.budget.SpanSnapshot;
import io.highpage.internal.budget.UseClock;
import io.highpage.outcome.AccessMode;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Question: what does it cost to know who leaves a full device?
 *
 * <p>Hypothesis: a use is some nanoseconds, and a choice among thousands of spans, with the
 * snapshot that it is made of, less than 200 µs: as long as it takes to copy a span of 2 MiB.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class EvictionPolicyBenchmark {
    private static final long SPAN_BYTES = 2L << 20;
    private static final LeastWorthFirst POLICY = new LeastWorthFirst();

    @Param({"64", "4096"})
    int spans;

    private final UseClock clock = new UseClock();
    private SpanHistory[] histories;
    private int next;

    /** Gives each span a past. */
    @Setup
    public void use() {
        Random random = new Random(1);
        histories = new SpanHistory[spans];
        for (int i = 0; i < spans; i++) {
            histories[i] = new SpanHistory();
            clock.use(histories[i]);
        }
        for (int i = 0; i < 20 * spans; i++) {
            clock.use(histories[random.nextInt(spans)]);
        }
    }

    /** {@return the clock after a use of the next span} */
    @Benchmark
    public long useOfTheNextSpan() {
        next = next + 1 == spans ? 0 : next + 1;
        clock.use(histories[next], AccessMode.READ);
        return clock.now();
    }

    /** {@return the clock after a use of a span that is in use} */
    @Benchmark
    public long useOfTheSameSpan() {
        clock.use(histories[0], AccessMode.READ);
        return clock.now();
    }

    /** {@return who leaves for a span of 2 MiB} */
    @Benchmark
    public List<Candidate> choice() {
        SpanSnapshot snapshot = new SpanSnapshot("device", SPAN_BYTES, clock);
        for (int i = 0; i < spans; i++) {
            snapshot.add(i, histories[i], SPAN_BYTES, i % 2 == 0 ? SPAN_BYTES : 0);
        }
        return POLICY.victims(snapshot);
    }
}
