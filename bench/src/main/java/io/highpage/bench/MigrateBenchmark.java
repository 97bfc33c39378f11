// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.HostDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
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

/**
 * Question: how close does a round trip (prefetch to a coherent device, long-term pin that migrates back) come to two plain
 * copies of the same bytes?
 *
 * <p>Hypothesis: at 64 MiB and more at least as fast, with 4 KiB pages too, since runs are copied in one call and the page
 * words cost a few nanoseconds a page. Refuted by a lower throughput than the baseline's.
 *
 * <p>Not measured here: cold windows, OpenCL devices.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MigrateBenchmark {
    @Param({"4096", "2097152"})
    long pageBytes;

    @Param({"1048576", "67108864", "268435456"})
    long bufferBytes;

    private Arena arena;
    private MemorySegment one;
    private MemorySegment other;
    private Highpage hp;
    private PageBuffer buffer;

    @Setup
    public void open() {
        arena = Arena.ofShared();
        hp = Highpage.builder().device(HostDevice.coherent(1L << 30)).open();
        buffer = hp.allocate(bufferBytes, pageBytes);
        buffer.fill(0, bufferBytes, (byte) 1);
        // The baseline copies between the same kind of memory: one end with huge pages, the other without.
        PageBuffer window = hp.allocate(bufferBytes, pageBytes);
        window.fill(0, bufferBytes, (byte) 1);
        one = window.pin(Pin.longTerm().shared()).segment();
        other = arena.allocate(bufferBytes, 4096);
    }

    @TearDown
    public void close() {
        arena.close();
    }

    @Benchmark
    public void baselineTwoSegmentCopies() {
        MemorySegment.copy(one, 0, other, 0, bufferBytes);
        MemorySegment.copy(other, 0, one, 0, bufferBytes);
    }

    @Benchmark
    public long prefetchThenPin() {
        buffer.prefetch(hp.device());
        try (Pin pin = buffer.pin(Pin.longTerm())) {
            return pin.segment().address();
        }
    }
}
