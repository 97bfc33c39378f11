// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.outcome.Terms;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Question: what do threads gain that pin different buffers, and what do they lose on the same one,
 * against the same number of threads on bare compare-and-sets?
 *
 * <p>Hypothesis: on different buffers at least 0.9 times what the compare-and-sets gain, since
 * nothing is shared but the runtime; on the same page they lose as the compare-and-sets do. Refuted
 * by a lower gain. Run with different {@code -t}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ThreadsBenchmark {
    private static final long PAGE_BYTES = 4096;
    private static final long PAGES = 1024;
    /** Threads' own words and pages are this far apart: no cache line in common. */
    private static final long APART = 16;

    /** What all threads share. */
    @State(Scope.Benchmark)
    public static class Shared {
        private final AtomicInteger threads = new AtomicInteger();
        private CompareAndSets words;
        private Highpage hp;
        private PageBuffer buffer;
        private PageRange samePage;

        @Setup
        public void open() {
            words = new CompareAndSets(PAGES);
            hp = Highpage.builder().device(HostDevice.coherent(1)).open();
            buffer = Buffers.atHome(hp, PAGES * PAGE_BYTES, PAGE_BYTES);
            samePage = buffer.range(0, PAGE_BYTES);
        }

        @TearDown
        public void close() {
            hp.close();
            words.close();
        }
    }

    /** What each thread has for itself. */
    @State(Scope.Thread)
    public static class Own {
        private final Terms terms = Pin.longTerm();
        private long page;
        private PageRange ofOwnBuffer;
        private PageRange ofShared;

        @Setup
        public void open(Shared shared) {
            page = shared.threads.incrementAndGet() % (PAGES / APART) * APART;
            PageBuffer buffer = Buffers.atHome(shared.hp, PAGES * PAGE_BYTES, PAGE_BYTES);
            ofOwnBuffer = buffer.range(page * PAGE_BYTES, PAGE_BYTES);
            ofShared = shared.buffer.range(page * PAGE_BYTES, PAGE_BYTES);
        }
    }

    @Benchmark
    public boolean baselineOwnWord(Shared shared, Own own) {
        return shared.words.one(own.page);
    }

    @Benchmark
    public boolean baselineSameWord(Shared shared) {
        return shared.words.oneContended(0);
    }

    @Benchmark
    public MemorySegment pinOwnBuffer(Own own) {
        try (Pin pin = own.ofOwnBuffer.pin(own.terms)) {
            return pin.segment();
        }
    }

    @Benchmark
    public MemorySegment pinOtherPages(Own own) {
        try (Pin pin = own.ofShared.pin(own.terms)) {
            return pin.segment();
        }
    }

    @Benchmark
    public MemorySegment pinSamePage(Shared shared, Own own) {
        try (Pin pin = shared.samePage.pin(own.terms)) {
            return pin.segment();
        }
    }
}
