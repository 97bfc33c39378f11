// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
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

import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * Question: what does a pin cost against the kernel's own long-term pin of the very same memory, a
 * registration as a fixed buffer of an io_uring?
 *
 * <p>Hypothesis: page by page at least 6 times faster than the kernel with 4 KiB mappings, and a
 * whole buffer faster than the kernel with huge pages, where it has one structure for 512 base
 * pages. Refuted by a lower ratio.
 *
 * <p>The two promise different things: the kernel's pin also keeps the frames in place, Highpage's
 * keeps Highpage from moving the pages.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelPinBenchmark {
    private static final long PAGE_BYTES = 4096;

    /**
     * How the kernel maps the buffer's home: in base pages, or in the huge pages that large windows
     * ask for.
     */
    @Param({"base", "huge"})
    String mappings;

    @Param("65536")
    long pages;

    private final Terms bare = Pin.longTerm().bare();
    private final KernelRing ring = new KernelRing();
    private Highpage hp;
    private PageBuffer buffer;
    private MemorySegment home;

    @Setup
    public void open() {
        if (mappings.equals("base")) {
            Memory.useBasePages();
        }
        hp = Highpage.builder().device(HostDevice.coherent(1)).open();
        buffer = Buffers.atHome(hp, (pages + 1) * PAGE_BYTES, PAGE_BYTES);
        home = homeOf(buffer).asSlice(0, pages * PAGE_BYTES);
    }

    private static MemorySegment homeOf(PageBuffer buffer) {
        try (Pin pin = buffer.pin(Pin.longTerm())) {
            return Memory.unscoped(pin.segment());
        }
    }

    @TearDown
    public void close() {
        ring.close();
        hp.close();
    }

    @Benchmark
    public void baselineKernelPin() {
        ring.register(home);
        ring.unregister();
    }

    @Benchmark
    public MemorySegment rangeBare() {
        try (Pin pin = buffer.range(0, pages * PAGE_BYTES).pin(bare)) {
            return pin.segment();
        }
    }

    @Benchmark
    public MemorySegment wholeBufferBare() {
        try (Pin pin = buffer.pin(bare)) {
            return pin.segment();
        }
    }
}
