// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;

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
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/**
 * Question: what do reads and writes cost through a buffer, a hold or a pin, against a plain
 * arena's segment?
 *
 * <p>Hypothesis: through a pin's segment, and through that of a hold, nothing more: it is an
 * ordinary segment. Through the buffer a fixed cost for the hold that each call takes, which no
 * longer shows from 64 KiB on. Refuted by a segment that is slower than the arena's, or by calls
 * that are slower at 1 MiB.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class AccessBenchmark {
    private static final long PAGE_BYTES = 4096;

    @Param({"8", "4096", "65536", "1048576"})
    int bytes;

    private Arena arena;
    private MemorySegment plain;
    private MemorySegment data;
    private Highpage hp;
    private PageBuffer buffer;
    private Pin pin;
    private Hold hold;
    private MemorySegment pinned;
    private MemorySegment held;

    @Setup
    public void open() {
        arena = Arena.ofConfined();
        plain = arena.allocate(bytes, PAGE_BYTES);
        data = arena.allocate(bytes, PAGE_BYTES);
        hp = Highpage.builder().device(HostDevice.coherent(1)).open();
        buffer = Buffers.atHome(hp, bytes, PAGE_BYTES);
        pin = buffer.pin(Pin.longTerm());
        hold = buffer.hold();
        pinned = pin.segment();
        held = hold.segment();
    }

    @TearDown
    public void close() {
        hold.close();
        pin.close();
        hp.close();
        arena.close();
    }

    private static long sum(MemorySegment segment) {
        long sum = 0;
        for (long at = 0; at < segment.byteSize(); at += Long.BYTES) {
            sum += segment.get(ValueLayout.JAVA_LONG, at);
        }
        return sum;
    }

    @Benchmark
    public long baselineSumOfArenaSegment() {
        return sum(plain);
    }

    @Benchmark
    public long sumOfPinSegment() {
        return sum(pinned);
    }

    @Benchmark
    public long sumOfHoldSegment() {
        return sum(held);
    }

    @Benchmark
    public MemorySegment baselineArenaCopy() {
        return plain.copyFrom(data);
    }

    @Benchmark
    public MemorySegment pinSegmentCopy() {
        return pinned.copyFrom(data);
    }

    @Benchmark
    public void bufferWrite() {
        buffer.write(0, data);
    }

    @Benchmark
    public void bufferRead() {
        buffer.read(0, data);
    }
}
