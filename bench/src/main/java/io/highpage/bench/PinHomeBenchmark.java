// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.Devices;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * Question: how fast does a pin bring pages home from a device, against one plain {@code memcpy} of
 * the same bytes?
 *
 * <p>Hypothesis, 256 MiB from a coherent device into a window that has memory (warm): in pure Java
 * at least as fast, by the native library on one thread 1.25 times, on two threads twice. Into a
 * window without memory (cold), 0.4 times the warm one at least, since page faults cost more than
 * the copy. Refuted by lower ratios.
 *
 * <p>The way to the device is not timed. How bytes are copied is chosen by options of the JVM, see
 * {@code Copying}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PinHomeBenchmark {

    /**
     * What the benchmarks have in common: JMH wants each set-up of an invocation in a state of its
     * own.
     */
    @State(Scope.Thread)
    public static class Sizes {
        /** As {@code highpage devices} names it. */
        @Param("host")
        String device;

        @Param({"4096", "2097152"})
        long pageBytes;

        @Param("268435456")
        long bufferBytes;
    }

    /** Two plain mappings. */
    @State(Scope.Thread)
    public static class Plain {
        private CopyEnds ends;

        @Setup
        public void open(Sizes sizes) {
            ends = new CopyEnds(sizes.bufferBytes, sizes.pageBytes);
        }

        @TearDown
        public void close() {
            ends.close();
        }
    }

    /** A buffer that was at home before: its window keeps its memory. */
    @State(Scope.Thread)
    public static class Warm {
        Highpage hp;
        private PageBuffer buffer;

        @Setup
        public void open(Sizes sizes) {
            hp = Highpage.builder().device(Devices.named(sizes.device).open()).open();
            buffer = Buffers.atHome(hp, sizes.bufferBytes, sizes.pageBytes);
        }

        @Setup(Level.Invocation)
        public void out() {
            Buffers.toDevice(buffer, hp);
        }

        @TearDown
        public void close() {
            hp.close();
        }
    }

    /** A buffer that was only ever on the device: its window has no memory yet. */
    @State(Scope.Thread)
    public static class Cold {
        Highpage hp;
        private PageBuffer buffer;

        @Setup
        public void open(Sizes sizes) {
            hp = Highpage.builder().device(Devices.named(sizes.device).open()).open();
        }

        @Setup(Level.Invocation)
        public void out(Sizes sizes) {
            buffer = hp.allocate(sizes.bufferBytes, sizes.pageBytes);
            buffer.prefetch(hp.device());
        }

        @TearDown(Level.Invocation)
        public void closeBuffer() {
            buffer.close();
        }

        @TearDown
        public void close() {
            hp.close();
        }
    }

    @Benchmark
    public MemorySegment baselineMemcpy(Plain plain) {
        return Memory.memcpy(plain.ends.home, plain.ends.plain);
    }

    @Benchmark
    public MemorySegment warm(Warm warm) {
        try (Pin pin = warm.buffer.pin(Pin.longTerm())) {
            return pin.segment();
        }
    }

    @Benchmark
    public MemorySegment cold(Cold cold) {
        try (Pin pin = cold.buffer.pin(Pin.longTerm())) {
            return pin.segment();
        }
    }
}
