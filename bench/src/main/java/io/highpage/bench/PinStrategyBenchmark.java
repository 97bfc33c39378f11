// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.host.HostDevice;
import io.highpage.internal.core.ManagedBuffer;

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

import java.util.concurrent.TimeUnit;

/**
 * Question: when should a long-term pin look for pages that have to move, and how should it move
 * them? The 2022 review of the kernel's change left it open: inside the loop that counts, by
 * undoing and walking again, by a list, or by a pass of its own before.
 *
 * <p>Hypothesis: with every page at home all but the extra pass cost the same, and the pass adds a
 * load a page, a tenth of a pin; with every page away moving in batches wins over page by page by
 * the overhead of a move for each page; Highpage's way is never behind, since it neither looks
 * twice nor counts twice. Refuted by a case where another one is faster.
 *
 * <p>Bringing pages back to the device is not timed. Times below a microsecond contain the clock.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PinStrategyBenchmark {
    private static final long PAGE_BYTES = 4096;
    /** Of mixed pages every other stretch of so many is on the device. */
    private static final long STRETCH = 8;

    @Param({"64", "4096", "65536"})
    long pages;

    /** Where the pages are: home, device, mixed, or all at home but the last. */
    @Param({"home", "device", "mixed", "last"})
    String where;

    private Highpage hp;
    private PageBuffer buffer;
    private PinStrategies strategies;

    @Setup
    public void open() {
        hp = Highpage.builder().device(HostDevice.coherent(pages * PAGE_BYTES)).open();
        buffer = Buffers.atHome(hp, pages * PAGE_BYTES, PAGE_BYTES);
        strategies = new PinStrategies(((ManagedBuffer) buffer).pages());
    }

    @Setup(Level.Invocation)
    public void place() {
        switch (where) {
            case "device" -> Buffers.toDevice(buffer, hp);
            case "mixed" -> {
                for (long page = 0; page < pages; page += 2 * STRETCH) {
                    Buffers.toDevice(buffer.range(page * PAGE_BYTES, STRETCH * PAGE_BYTES), hp);
                }
            }
            case "last" -> Buffers.toDevice(buffer.range((pages - 1) * PAGE_BYTES, PAGE_BYTES), hp);
            default -> {}
        }
    }

    @TearDown
    public void close() {
        hp.close();
    }

    @Benchmark
    public void pageByPage() {
        strategies.pageByPage();
        strategies.unpin();
    }

    @Benchmark
    public void unpinMigrateWalkAgain() {
        strategies.unpinMigrateWalkAgain();
        strategies.unpin();
    }

    @Benchmark
    public void collectThenMigrate() {
        strategies.collectThenMigrate();
        strategies.unpin();
    }

    @Benchmark
    public void separatePassFirst() {
        strategies.separatePassFirst();
        strategies.unpin();
    }

    @Benchmark
    public void highpage() {
        strategies.highpage();
        strategies.unpin();
    }
}
