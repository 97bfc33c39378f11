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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * Question: what does a long-term pin and unpin of memory that is at home cost above the two
 * compare-and-sets that any such pin needs?
 *
 * <p>Hypothesis: one page, bare: at most 2.5 times the baseline; registered (the default): at most
 * 3 times; a whole buffer of any size: the same as one page. Refuted by a higher ratio, or by one
 * that grows with the buffer.
 *
 * <p>Not measured here: ranges ({@link PinRangeBenchmark}), pages that have to move
 * ({@link MigrateBenchmark}).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PinBenchmark {
    private static final long PAGE = 8;

    @Param({"4096", "65536", "2097152"})
    long pageBytes;

    /** Size of the buffer that is pinned as a whole. */
    @Param({"64", "16384"})
    long pages;

    private final Terms registered = Pin.longTerm();
    private final Terms bare = Pin.longTerm().bare();
    private CompareAndSets words;
    private Highpage hp;
    private PageBuffer buffer;
    private PageRange page;

    @Setup
    public void open() {
        words = new CompareAndSets(pages);
        hp = Highpage.builder().device(HostDevice.coherent(1)).open();
        buffer = Buffers.atHome(hp, pages * pageBytes, pageBytes);
        page = buffer.range(PAGE * pageBytes, pageBytes);
    }

    @TearDown
    public void close() {
        hp.close();
        words.close();
    }

    @Benchmark
    public boolean baselineTwoCompareAndSets() {
        return words.one(PAGE);
    }

    /** What a pin cannot do without: counting, and a segment that ends with it. */
    @Benchmark
    @SuppressWarnings("restricted")
    public MemorySegment baselineTwoCompareAndSetsAndAnArena() {
        try (Arena arena = Arena.ofConfined()) {
            words.one(PAGE);
            return words.memory().reinterpret(arena, null);
        }
    }

    @Benchmark
    public MemorySegment onePageBare() {
        try (Pin pin = page.pin(bare)) {
            return pin.segment();
        }
    }

    @Benchmark
    public MemorySegment onePageRegistered() {
        try (Pin pin = page.pin(registered)) {
            return pin.segment();
        }
    }

    @Benchmark
    public MemorySegment wholeBufferBare() {
        try (Pin pin = buffer.pin(bare)) {
            return pin.segment();
        }
    }

    @Benchmark
    public MemorySegment wholeBufferRegistered() {
        try (Pin pin = buffer.pin(registered)) {
            return pin.segment();
        }
    }
}
