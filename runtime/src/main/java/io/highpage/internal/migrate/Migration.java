// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.device.PageRuns;
import io.highpage.internal.copy.RunList;
import io.highpage.internal.memory.HomeWindow;
import io.highpage.internal.memory.NoRoom;
import io.highpage.internal.memory.StillBusy;
import io.highpage.internal.memory.TierWindow;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.telemetry.MigrationEvent;
import io.highpage.internal.telemetry.Told;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.OutOfPageMemoryException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.util.function.BooleanSupplier;

/**
 * One batch of a migration: brings pages of one span to one tier. Pins, holds, accesses, prefetch
 * and eviction are batches with other arguments, in steps that are always the same:
 *
 * <ol>
 *   <li>{@link #begin}: the tier counts as many pages as may come, and the buffer word as many as
 *       may leave home. No page is owned yet. The tier may have to wait for a driver, and a pin of
 *       the whole buffer must fail before the first page can leave.
 *   <li>Setup, {@link #tryLock} and {@link #lockAlike}: a compare-and-set turns each page into a
 *       moving one, which has no counts and which nobody else touches. {@link #endSetup} gives back
 *       what was counted for pages that were not locked.
 *   <li>{@link #copy}: the bytes arrive in the new place, and stay in the old one. So a step that
 *       fails up to here loses nothing: {@link #putBack} leaves the pages where they were.
 *   <li>{@link #publish}: one release store a page says where it is now, and counts it for a claim.
 *       It cannot fail. It comes after all copies, so whoever finds a page in its new place finds
 *       its bytes too.
 *   <li>{@link #finish}: the old place gives up what has left it. This is last, since a driver may
 *       fail at it.
 * </ol>
 *
 * <p>From setup to publish the batch owns moving pages: it must not wait for another page then.
 * What it locked is listed as runs in native memory, no object a page. Reused; confined to one
 * operation at a time.
 */
final class Migration {
    /**
     * Bounds what one batch locks, and so how long others wait for a page that moves: a few
     * milliseconds of copying.
     */
    static final long BYTES_MAX = 32L << 20;

    /** Bounds the scratch memory of an operation to three lists of 16 KiB. */
    static final int RUNS_MAX = 1024;

    /**
     * The same for the many that are not kept, to three lists of 256 bytes: most batches are one
     * run.
     */
    static final int RUNS_FEW = 16;

    // Offsets are from the start of the span, as in the windows.
    /** Pages whose bytes are copied. */
    private final RunList copies;
    /** Absent pages, which arrive zeroed. */
    private final RunList zeros;
    /** Pages whose home has no memory yet. */
    private final RunList commits;

    private final int place; // in the pool, or -1
    private Pages pages;
    private PageTable table;
    private long spanFirst; // the first page of the span that the batch lies in
    private HomeWindow home; // of that span
    private TierWindow target;
    /** Where the bytes are that are copied: home, until a page that is elsewhere is locked. */
    private TierWindow origin;

    private long lastLocked; // the word of the last page that was locked
    private long counted; // pages that the target counts for the batch
    private long away; // host pages that the buffer word counts as away for it
    private boolean prepared; // the target has made room for what is locked
    private long copied; // bytes, so far
    private long left; // pages that were published, and that the origin does not have any more
    private boolean settled; // published or put back
    private long overwrittenFrom; // what is not copied, see overwrite()
    private long overwrittenTo;
    private @Nullable MigrationEvent event; // while somebody records it

    /** Makes one for a place of the pool, in memory of the arena. */
    @SuppressWarnings("NullAway.Init") // begin() comes before every use
    Migration(Arena arena, int place, int threads) {
        this.place = place;
        copies = list(arena, threads);
        zeros = list(arena, threads);
        commits = list(arena, threads);
    }

    /** Makes a small one for one operation. */
    @SuppressWarnings("NullAway.Init") // begin() comes before every use
    Migration(int threads) {
        place = -1;
        copies = RunList.onHeap(RUNS_FEW, threads);
        zeros = RunList.onHeap(RUNS_FEW, threads);
        commits = RunList.onHeap(RUNS_FEW, threads);
    }

    /** {@return its place in the pool, or -1: it is left to the garbage collector} */
    int place() {
        return place;
    }

    private static RunList list(Arena arena, int threads) {
        return new RunList(arena.allocate(RUNS_MAX * RunList.RUN_BYTES, Long.BYTES), threads);
    }

    /**
     * Begins a batch that brings pages to a tier.
     *
     * @param reason who wants them there, for events; null if none is to move
     * @param tier {@link PageWord#HOME}, or the number of a device
     * @param first the first page that it may lock
     * @param pagesMax the most pages that it will lock
     * @param waits waits a little for another operation that gets memory of the tier; false if that
     *     was long enough
     * @return false if pages may not leave home: the whole buffer is pinned or closed; nothing has
     *     begun then
     * @throws io.highpage.internal.memory.NoRoom if the tier has no room now; nothing has begun
     *     then
     * @throws io.highpage.outcome.HighpageException if the tier has no memory
     */
    boolean begin(
            @Nullable String reason,
            Pages of,
            int tier,
            long first,
            long pagesMax,
            BooleanSupplier waits) {
        Told.look();
        MigrationEvent begun = reason == null ? null : MigrationEvent.begun();
        assert first + pagesMax <= of.spanEnd(first) : "a batch lies in one span";
        TierWindow window = of.window(tier, first);
        retain(of, window, first, pagesMax, waits);
        long leaving = window.away(pagesMax);
        if (leaving > 0 && !of.table().tryAddAway(leaving)) {
            window.release(pagesMax);
            return false;
        }
        use(of, window, of.homeOf(first));
        spanFirst = window.firstPage();
        counted = pagesMax;
        away = leaving;
        prepared = false;
        copied = 0;
        left = 0;
        settled = false;
        overwrittenFrom = 0;
        overwrittenTo = 0;
        copies.clear();
        zeros.clear();
        commits.clear();
        if (begun != null) {
            begun.reason = reason;
            event = begun; // none is left of the batch before
        }
        return true;
    }

    /**
     * Stores what is not there yet: a reference to an old object in another one costs a full fence
     * with the collector G1 (up to JDK 25), and batches after each other are often of one buffer.
     */
    private void use(Pages of, TierWindow window, HomeWindow from) {
        if (pages != of) {
            pages = of;
            table = of.table();
        }
        if (target != window) {
            target = window;
        }
        if (home != from) {
            home = from;
        }
        if (origin != from) {
            origin = from;
        }
    }

    private static void retain(
            Pages of, TierWindow window, long first, long pagesMax, BooleanSupplier waits) {
        try {
            window.retain(pagesMax, waits);
        } catch (StillBusy busy) {
            throw Failures.stillBusy(of.bufferId(), first, busy);
        } catch (DeviceLostException lost) {
            window.note(lost);
            throw lost;
        }
    }

    boolean isFull() {
        return copies.isFull() || zeros.isFull() || commits.isFull();
    }

    boolean isEmpty() {
        return copies.isEmpty() && zeros.isEmpty();
    }

    long lockedPages() {
        return (copies.totalBytes() + zeros.totalBytes()) / pages.pageBytes();
    }

    /** Tells of it, once its pages are published or put back. Throws nothing. */
    private void tell(@Nullable Throwable failed) {
        MigrationEvent told = event;
        if (told == null) {
            return;
        }
        event = null;
        if (isEmpty()) {
            return;
        }
        long zeroed = zeros.totalBytes() + overwrittenBytes();
        told.runtime = pages.runtime();
        told.buffer = pages.bufferId();
        told.from = origin.tierName();
        told.to = target.tierName();
        told.firstPage = lowestPage();
        told.pages = lockedPages();
        told.bytes = copies.totalBytes() + zeros.totalBytes() - zeroed;
        told.zeroedBytes = zeroed;
        told.runs = copies.count() + zeros.count();
        told.route = (target.tier() == PageWord.HOME ? origin : target).route();
        told.failed = failed;
        told.tell();
    }

    private long overwrittenBytes() {
        long bytes = 0;
        for (int run = 0; run < copies.count(); run++) {
            long start = Math.max(copies.offset(run), overwrittenFrom);
            long end = Math.min(copies.offset(run) + copies.bytes(run), overwrittenTo);
            bytes += Math.max(0, end - start);
        }
        return bytes;
    }

    private long lowestPage() {
        long copied = copies.isEmpty() ? Long.MAX_VALUE : copies.offset(0);
        long zeroed = zeros.isEmpty() ? Long.MAX_VALUE : zeros.offset(0);
        return page(Math.min(copied, zeroed));
    }

    /**
     * {@return the first page whose bytes are copied, else the first that is zeroed; there is one}
     */
    long firstPage() {
        return page((copies.isEmpty() ? zeros : copies).offset(0));
    }

    private long page(long offset) {
        return spanFirst + offset / pages.pageBytes();
    }

    /**
     * {@return whether a page can be in this batch: it copies from one tier beside home at most}
     */
    boolean accepts(long word) {
        int tier = PageWord.device(word);
        return tier == PageWord.HOME || origin.tier() == PageWord.HOME || origin.tier() == tier;
    }

    /**
     * Setup of one page that may move, is not where the batch brings it, and is accepted.
     *
     * @return whether the batch owns it now; if not, its word has changed
     */
    boolean tryLock(long page, long word) {
        assert !settled && !prepared : "setup is over";
        boolean locked = table.tryLock(page, word, target.tier());
        if (locked) {
            lastLocked = word;
            addLocked(page, page + 1);
        }
        return locked;
    }

    /**
     * Setup of the pages from {@code page} on that have exactly the word of the last one that was
     * locked: then what was found out about that one holds for them too, and most pages of a batch
     * are alike. The list is not full.
     *
     * @return the first page that is not locked
     */
    long lockAlike(long page, long end) {
        if (isEmpty()) {
            return page;
        }
        long next = page;
        int tier = target.tier();
        while (next < end && table.tryMappedLock(next, lastLocked, tier)) {
            next++;
        }
        if (next > page) {
            addLocked(page, next);
        }
        return next;
    }

    /** Lists pages that have been locked; all had the word {@code lastLocked}. */
    private void addLocked(long page, long end) {
        long offset = offset(page);
        long bytes = (end - page) * pages.pageBytes();
        int tier = PageWord.device(lastLocked);
        if (tier != PageWord.HOME) {
            origin = pages.window(tier, page);
        }
        (PageWord.state(lastLocked) == PageWord.ABSENT ? zeros : copies).add(offset, bytes);
        if (!PageWord.is(lastLocked, PageWord.COMMITTED)) {
            commits.add(offset, bytes);
        }
    }

    /** Ends setup: gives back what was counted in advance for pages that were not locked. */
    void endSetup() {
        // Of the pages that the target counts as away, those that were absent were so before.
        countLess(target.away(pageCount(copies)), lockedPages());
        assert counted == lockedPages() : counted + " counted, locked " + lockedPages();
        if (event != null) {
            event.locked();
        }
    }

    /** Noted before each step: one that fails half way, as a driver may, is not repeated. */
    private void countLess(long awayStill, long countedStill) {
        long notAway = away - awayStill;
        away = awayStill;
        table.subtractAway(notAway);
        long gone = counted - countedStill;
        counted = countedStill;
        if (gone > 0) {
            target.release(gone);
        }
    }

    private long pageCount(PageRuns runs) {
        return runs.totalBytes() / pages.pageBytes();
    }

    /**
     * Copies the bytes.
     *
     * @throws io.highpage.internal.memory.NoRoom if the tier has no room now; call {@link #putBack}
     *     then
     * @throws io.highpage.outcome.HighpageException if it failed; call {@link #putBack} then
     */
    void copy() {
        try {
            copyOnce();
        } catch (OutOfPageMemoryException full) {
            // Some drivers give out memory that they do not have, and say so at its first use.
            if (!full.device() || !(target.giveUpUnused() | origin.giveUpUnused())) {
                throw notThere(full);
            }
            copyAgain();
        } finally {
            if (event != null) {
                event.copied();
            }
        }
    }

    private void copyAgain() {
        try {
            copyOnce();
        } catch (OutOfPageMemoryException stillFull) {
            throw notThere(stillFull);
        }
    }

    private RuntimeException notThere(OutOfPageMemoryException full) {
        return full.device() ? target.notThere(full) : full;
    }

    private void copyOnce() {
        if (!prepared) {
            target.prepare(zeros, commits);
            prepared = true;
        }
        if (overwrittenFrom == overwrittenTo) {
            copy(copies);
            return;
        }
        target.prepare(copies.within(overwrittenFrom, overwrittenTo), commits);
        copy(copies.within(0, overwrittenFrom));
        copy(copies.within(overwrittenTo, Long.MAX_VALUE));
    }

    private void copy(RunList runs) {
        if (!runs.isEmpty()) {
            origin.copyTo(target, runs);
            copied += runs.totalBytes();
        }
    }

    /**
     * Publishes every page in its new place, and if the verb leaves it at that also in the one
     * where it was. Cannot fail; {@link #finish} comes after it. Does nothing with pages that were
     * left where they were.
     *
     * @param verb what it counts is added to each page's word in the same store
     */
    void publish(Verb verb) {
        if (settled) {
            return;
        }
        assert prepared || isEmpty() : "nothing was copied";
        publish(copies, verb);
        publish(zeros, verb);
        settled = true;
        left = verb.leavesBoth() ? 0 : pageCount(copies);
        // After publishing: while the away count is 0 every page must be at home alone.
        long only = left + pageCount(zeros); // of those that are where the batch brought them
        table.subtractAway(only - target.away(only));
    }

    /**
     * Lets pages arrive zeroed on a device, not with their bytes: the claim is going to write all
     * of them. Until they are published their homes have them.
     *
     * @param from the first of them
     * @param to the page behind the last one
     */
    void overwrite(long from, long to) {
        overwrittenFrom = offset(from);
        overwrittenTo = offset(to);
    }

    private long offset(long page) {
        return (page - spanFirst) * pages.pageBytes();
    }

    /**
     * In place of {@link #copy}, and nothing is published: gives up the homes of the pages, which
     * stay on their devices. However that ends, no page says any more that its home has memory:
     * what has some all the same is committed once more for nothing, and what had none would be
     * written to.
     *
     * @return whether the kernel gave them up
     */
    boolean discardHomes() {
        settled = true;
        try {
            return home.discard(copies);
        } finally {
            for (int run = 0; run < copies.count(); run++) {
                long first = page(copies.offset(run));
                long end = first + copies.bytes(run) / pages.pageBytes();
                for (long page = first; page < end; page++) {
                    table.discard(page);
                }
            }
        }
    }

    /**
     * Gives up what the pages have left, and counts: the driver may be called, and either may fail.
     */
    void finish(Verb verb) {
        if (left > 0) { // of a window that lost its last page meanwhile, not even none
            origin.release(left);
        }
        tell(null);
        pages.counters().moved(verb, copied);
    }

    private void publish(PageRuns runs, Verb verb) {
        for (int run = 0; run < runs.count(); run++) {
            long first = page(runs.offset(run));
            long end = first + runs.bytes(run) / pages.pageBytes();
            for (long page = first; page < end; page++) {
                if (verb.leavesBoth()) {
                    table.publishBoth(page, verb.one());
                } else {
                    table.publish(page, verb.one());
                }
            }
        }
    }

    /**
     * Leaves every page where it was, or lost where that was a device that is gone. Once they are
     * published, nothing.
     *
     * @param failure what went wrong with setup or copy
     */
    void putBack(Throwable failure) {
        if (settled) {
            return;
        }
        settled = true; // none is owned any more, whatever the driver says below
        if (failure instanceof NoRoom) {
            event = null; // it is tried again
        }
        boolean lost = false;
        if (failure instanceof DeviceLostException gone) {
            target.note(gone);
            origin.note(gone);
            lost = origin.isLost();
            if (gone.mayStillRun()) {
                pages.home().abandon();
            }
        }
        putBack(copies, lost);
        putBack(zeros, false);
        if (prepared) {
            target.unprepare(commits);
        }
        countLess(0, 0);
        tell(failure);
    }

    /** Leaves every page where it was; nothing has failed. Nothing was copied. */
    void putBack() {
        settled = true;
        putBack(copies, false);
        putBack(zeros, false);
        countLess(0, 0);
    }

    private void putBack(PageRuns runs, boolean lost) {
        for (int run = 0; run < runs.count(); run++) {
            long first = page(runs.offset(run));
            long end = first + runs.bytes(run) / pages.pageBytes();
            for (long page = first; page < end; page++) {
                if (lost) {
                    table.lose(page);
                } else {
                    table.putBack(page);
                }
            }
        }
    }
}
