// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.outcome.MoveReport;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.util.concurrent.TimeUnit;

/**
 * Question: what do holds and pins of a buffer cost while another thread moves its pages to a
 * device and home?
 *
 * <p>Hypothesis: a hold, which on a coherent device moves nothing, waits for a moving batch now and
 * then only; a pin brings its page home as often as the mover took it away. Neither fails. Refuted
 * by an exception, or by a hold as slow as a pin.
 *
 * <p>The figure is the mean of both threads' operations; their own are in the log.
 */
@State(Scope.Group)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HoldersUnderMigrationBenchmark {
    private static final long PAGE_BYTES = 4096;

    @Param({"64", "4096"})
    long pages;

    Highpage hp;
    private PageBuffer buffer;

    @Setup
    public void open() {
        hp = Highpage.builder().device(HostDevice.coherent(pages * PAGE_BYTES)).open();
        buffer = Buffers.atHome(hp, pages * PAGE_BYTES, PAGE_BYTES);
    }

    @TearDown
    public void close() {
        hp.close();
    }

    @Benchmark
    @Group("holds")
    public MoveReport moveUnderHolds() {
        return Buffers.thereAndHome(buffer, hp);
    }

    @Benchmark
    @Group("holds")
    public long hold() {
        try (Hold hold = buffer.range(8 * PAGE_BYTES, PAGE_BYTES).hold()) {
            return hold.byteSize();
        }
    }

    @Benchmark
    @Group("pins")
    public MoveReport moveUnderPins() {
        return Buffers.thereAndHome(buffer, hp);
    }

    @Benchmark
    @Group("pins")
    public long pin() {
        try (Pin pin = buffer.range(8 * PAGE_BYTES, PAGE_BYTES)
                .pin(Pin.longTerm().deadline(Buffers.PATIENCE))) {
            return pin.segment().address();
        }
    }
}
