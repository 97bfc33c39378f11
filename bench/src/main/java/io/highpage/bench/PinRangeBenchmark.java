// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
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

import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * Question: what does a pin of a range cost a page, where it has to count page by page?
 *
 * <p>Hypothesis: at most 1.3 times two bare compare-and-sets a page on the same kind of table,
 * whatever the size of a page, and the same a page from 64 pages to 4 GiB. Refuted by a higher
 * ratio, or by one that grows with the range.
 *
 * <p>The buffer has one page more than the range, else it would be pinned as a whole. Times are for
 * the range.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PinRangeBenchmark {
    @Param("4096")
    long pageBytes;

    @Param({"64", "1024", "65536"})
    long pages;

    private final Terms registered = Pin.longTerm();
    private final Terms bare = Pin.longTerm().bare();
    private CompareAndSets words;
    private Highpage hp;
    private PageRange range;

    @Setup
    public void open() {
        words = new CompareAndSets(pages);
        hp = Highpage.builder().device(HostDevice.coherent(1)).open();
        range = Buffers.atHome(hp, (pages + 1) * pageBytes, pageBytes).range(0, pages * pageBytes);
    }

    @TearDown
    public void close() {
        hp.close();
        words.close();
    }

    @Benchmark
    public boolean baselineTwoCompareAndSetsAPage() {
        return words.all();
    }

    @Benchmark
    public MemorySegment rangeBare() {
        try (Pin pin = range.pin(bare)) {
            return pin.segment();
        }
    }

    @Benchmark
    public MemorySegment rangeRegistered() {
        try (Pin pin = range.pin(registered)) {
            return pin.segment();
        }
    }
}
