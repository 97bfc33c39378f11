// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.memory.HomeWindow;
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
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Question: does the cost of a pin a page grow with the page table? The table alone, without memory
 * behind it.
 *
 * <p>Hypothesis: flat within 10 % from 64 pages to 16 million, by range a page, and as a whole
 * altogether. Refuted by a largest cost above 1.1 times the smallest. The baseline grows where the
 * caches and the processor's own tables end.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class TableBenchmark {
    private static final Terms TERMS = Terms.defaults();

    @Param({"64", "1024", "16384", "262144", "4194304", "16777216"})
    long pages;

    private Arena arena;
    private CompareAndSets words;
    private PageTable table;
    private Pages range;

    @Setup
    public void open() {
        arena = Arena.ofShared();
        words = new CompareAndSets(pages);
        table = new PageTable(
                new OffHeapWords(Memory.likeATable(OffHeapWords.byteSize(pages), arena)), pages);
        for (long page = 0; page < pages; page++) {
            if (!table.tryLock(page, table.word(page), PageWord.HOME)) {
                throw new AssertionError("nobody else has the table");
            }
            table.publish(page, 0);
        }
        table.subtractAway(pages);
        range = new Pages(
                1,
                table,
                HomeWindow.in(
                        MemorySegment.NULL,
                        LinuxMemory.INSTANCE,
                        new Account(BudgetNode.root("all", 1))),
                PageSizes.ofPages(4096),
                Tiers.of(List.of(), new MigrationPool(arena)));
    }

    @TearDown
    public void close() {
        words.close();
        arena.close();
    }

    @Benchmark
    public boolean baselineTwoCompareAndSetsAPage() {
        return words.all();
    }

    @Benchmark
    public void pinRange() {
        Claim.take(range, Verb.PIN, PageWord.HOME, 0, pages, TERMS);
        Claim.release(range, Verb.PIN, 0, pages);
    }

    @Benchmark
    public boolean pinWhole() {
        boolean pinned = table.tryPinWhole();
        table.unpinWhole();
        return pinned;
    }
}
