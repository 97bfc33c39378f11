// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.outcome.Terms;
import io.highpage.uring.FixedBuffer;
import io.highpage.uring.RegisteredBuffer;
import io.highpage.uring.Ring;

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

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * Question: what does a pin cost that the kernel holds, of a range of a buffer that is registered
 * with a ring once, whole?
 *
 * <p>Hypothesis: what a pin costs, and a constant below 1 µs: all of it for a whole buffer and for
 * a range of few pages. Refuted by a longer time there.
 *
 * <p>The baseline is the kernel's own pin of the same memory, in base pages: it goes through all of
 * them each time, and so does a range, with two compare-and-sets for each of Highpage's pages.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelHeldBenchmark {
    @Param({"4096", "2097152"})
    long pageBytes;

    @Param({"4096", "1048576", "268435456"})
    long bytes;

    private final Terms terms = Pin.longTerm();
    private final KernelRing kernel = new KernelRing();
    private Highpage hp;
    private PageBuffer buffer;
    private PageBuffer all;
    private PageRange range;
    private MemorySegment home;
    private Ring ring;
    private RegisteredBuffer registered;
    private RegisteredBuffer registeredAll;

    @Setup
    public void open() throws IOException {
        Memory.useBasePages();
        hp = Highpage.builder().device(HostDevice.coherent(1)).open();
        buffer = Buffers.atHome(hp, bytes + pageBytes, pageBytes);
        range = buffer.range(0, bytes); // not all of it
        all = Buffers.atHome(hp, bytes, pageBytes);
        try (Pin pin = range.pin(terms)) {
            home = Memory.unscoped(pin.segment());
        }
        ring = Ring.open("held", 64);
        registered = ring.register(buffer);
        registeredAll = ring.register(all);
    }

    @TearDown
    public void close() throws IOException {
        ring.close();
        kernel.close();
        hp.close();
    }

    @Benchmark
    public void baselineKernelPin() {
        kernel.register(home);
        kernel.unregister();
    }

    @Benchmark
    public MemorySegment range() {
        try (Pin pin = range.pin(terms)) {
            return pin.segment();
        }
    }

    @Benchmark
    public MemorySegment heldRange() throws IOException {
        try (Pin pin = range.pin(terms);
                FixedBuffer fixed = registered.register(pin)) {
            return fixed.pin().segment();
        }
    }

    @Benchmark
    public MemorySegment heldWhole() throws IOException {
        try (Pin pin = all.pin(terms);
                FixedBuffer fixed = registeredAll.register(pin)) {
            return fixed.pin().segment();
        }
    }
}
