// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.Terms;
import io.highpage.device.HostDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
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

/**
 * Question: what does a long-term pin and unpin of memory that is at home cost above the two compare-and-sets that any
 * such pin needs?
 *
 * <p>Hypothesis: one page, bare: at most 2.5 times the baseline; registered: at most 3 times; a whole buffer of any size:
 * the same as one page. Refuted by a higher ratio, or by one that grows with the buffer.
 *
 * <p>Run with {@code -prof gc} for the garbage. Not measured here: pages that have to move.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PinBenchmark {
    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();
    private static final long PAGE_BYTES = 4096;
    private static final long PAGES = 16_384;

    private final Terms registered = Pin.longTerm();
    private final Terms bare = Pin.longTerm().bare();
    private Arena arena;
    private MemorySegment word;
    private Highpage hp;
    private PageBuffer buffer;

    @Setup
    public void open() {
        arena = Arena.ofShared();
        word = arena.allocate(Long.BYTES, Long.BYTES);
        hp = Highpage.builder().device(HostDevice.coherent(1L << 30)).open();
        buffer = hp.allocate(PAGES * PAGE_BYTES);
        buffer.fill(0, buffer.byteSize(), (byte) 1);
    }

    @TearDown
    public void close() {
        hp.close();
        arena.close();
    }

    @Benchmark
    public boolean baselineTwoCompareAndSets() {
        long value = (long) WORD.getAcquire(word, 0L);
        return WORD.compareAndSet(word, 0L, value, value + 16) & WORD.compareAndSet(word, 0L, value + 16, value);
    }

    @Benchmark
    public MemorySegment onePageBare() {
        try (Pin pin = buffer.pin(bare, 8 * PAGE_BYTES, PAGE_BYTES)) {
            return pin.segment();
        }
    }

    @Benchmark
    public MemorySegment onePageRegistered() {
        try (Pin pin = buffer.pin(registered, 8 * PAGE_BYTES, PAGE_BYTES)) {
            return pin.segment();
        }
    }

    @Benchmark
    public MemorySegment wholeBufferBare() {
        try (Pin pin = buffer.pin(bare)) {
            return pin.segment();
        }
    }

    /** Per page: divide by 16383. */
    @Benchmark
    public MemorySegment pageByPageBare() {
        try (Pin pin = buffer.pin(bare, 0, buffer.byteSize() - PAGE_BYTES)) {
            return pin.segment();
        }
    }
}
