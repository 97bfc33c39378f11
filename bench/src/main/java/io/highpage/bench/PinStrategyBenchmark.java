// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.host.HostDevice;
import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.HomeWindow;
import io.highpage.internal.memory.HostMapping;
import io.highpage.internal.migrate.Claim;
import io.highpage.internal.migrate.MigrationPool;
import io.highpage.internal.migrate.PageSizes;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.migrate.Tiers;
import io.highpage.internal.os.LinuxMemory;
import io.highpage.internal.page.OffHeapWords;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.outcome.Terms;

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

import java.lang.foreign.Arena;
import java.util.List;
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

    private Arena arena;
    private DeviceSlot device;
    private HomeWindow home;
    private Pages buffer;
    private PinStrategies strategies;

    @Setup
    public void open() {
        long bytes = pages * PAGE_BYTES;
        BudgetNode budget = BudgetNode.root("all", 2);
        Account account = new Account(budget);
        arena = Arena.ofShared();
        device = new DeviceSlot(1, "device", HostDevice.coherent(bytes), budget, PAGE_BYTES);
        HostMapping mapping = new HostMapping(LinuxMemory.INSTANCE);
        mapping.mapWindow(bytes, PAGE_BYTES);
        home = HomeWindow.in(mapping, account, arena);
        PageTable table = new PageTable(
                new OffHeapWords(Memory.likeATable(OffHeapWords.byteSize(pages), arena)), pages);
        Tiers tiers = Tiers.of(List.of(device), new MigrationPool(arena));
        buffer = new Pages(1, table, home, PageSizes.ofPages(PAGE_BYTES), tiers);
        claim(Verb.HOLD, PageWord.HOME, 0, pages);
        home.memory().fill((byte) 1);
        strategies = new PinStrategies(buffer);
    }

    /** As after a kernel that wrote: homes are not valid, so that coming home costs a copy. */
    private void toDevice(long from, long to) {
        claim(Verb.ACCESS, device.id(), from, to);
    }

    private void claim(Verb verb, int tier, long from, long to) {
        Claim.take(buffer, verb, tier, from, to, Terms.defaults());
        Claim.release(buffer, verb, from, to);
    }

    @Setup(Level.Invocation)
    public void place() {
        switch (where) {
            case "device" -> toDevice(0, pages);
            case "mixed" -> {
                for (long page = 0; page < pages; page += 2 * STRETCH) {
                    toDevice(page, page + STRETCH);
                }
            }
            case "last" -> toDevice(pages - 1, pages);
            default -> {}
        }
    }

    @TearDown
    public void close() {
        buffer.close();
        arena.close();
        home.unmap();
        Throwable failed = device.close();
        if (failed != null) {
            throw new AssertionError("the device does not close", failed);
        }
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
