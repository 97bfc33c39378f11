// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.device.PageRuns;
import io.highpage.internal.copy.RunList;
import io.highpage.internal.memory.DeviceHeap.Place;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.memory.StillBusy;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.OutOfPageMemoryException;

import java.lang.foreign.Arena;
import java.util.function.BooleanSupplier;

/**
 * One batch of a migration, in three steps: <em>setup</em> locks pages one by one
 * ({@link #tryLock}), <em>copy</em> moves their bytes in runs, and <em>finish</em> publishes them
 * in their new place, or <em>putBack</em> leaves them where they were. Pins, holds, accesses,
 * prefetch and eviction are these steps with other arguments.
 *
 * <p>Between setup and the last step the batch owns moving pages: it must not wait for another page
 * then. What it locked is kept as runs in native memory, no object a page. Reused; confined to one
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

    /** Pages whose bytes are copied. */
    private final RunList copies;
    /** Absent pages, which arrive zeroed. */
    private final RunList zeros;
    /** Pages whose home has no memory yet. */
    private final RunList commits;

    private final boolean kept;
    private byte[] outcomes = new byte[0];
    private Pages pages;
    private PageTable table;
    private DeviceWindow target; // null: home
    private DeviceWindow origin; // null: the target is a device, or no page came from one yet
    private long lastLocked; // the word of the last page that was locked
    private long counted; // pages that the device window counts for the batch
    private long away; // host pages that the buffer word counts as away for it
    private boolean settled; // published or put back

    /** Makes one that is kept, in memory of the arena. */
    Migration(Arena arena) {
        kept = true;
        copies = list(arena);
        zeros = list(arena);
        commits = list(arena);
    }

    /** Makes a small one for one operation. */
    Migration() {
        kept = false;
        copies = RunList.onHeap(RUNS_FEW);
        zeros = RunList.onHeap(RUNS_FEW);
        commits = RunList.onHeap(RUNS_FEW);
    }

    boolean isKept() {
        return kept;
    }

    private static RunList list(Arena arena) {
        return new RunList(arena.allocate(RUNS_MAX * RunList.RUN_BYTES, Long.BYTES));
    }

    private void begin(Pages of) {
        pages = of;
        table = of.table();
        target = null;
        origin = null;
        counted = 0;
        away = 0;
        settled = false;
        copies.clear();
        zeros.clear();
        commits.clear();
    }

    /**
     * Begins a batch that brings pages to a tier.
     *
     * @param tier {@link PageWord#HOME}, or the number of a device
     * @param first the first page that it may lock
     * @param pagesMax the most pages that it will lock
     * @param waits waits a little for another operation that gets memory of the device; false if
     *     that was long enough
     * @return false if the whole buffer is pinned or closed; nothing has begun then
     * @throws io.highpage.outcome.HighpageException if the device has no memory
     */
    boolean begin(Pages of, int tier, long first, long pagesMax, BooleanSupplier waits) {
        if (tier == PageWord.HOME) {
            begin(of);
            return true;
        }
        DeviceWindow window = of.deviceWindow(tier);
        try {
            window.retain(pagesMax, waits);
        } catch (StillBusy busy) {
            throw Failures.stillBusy(of.bufferId(), first, busy);
        } catch (DeviceLostException lost) {
            window.device().note(lost);
            throw lost;
        }
        if (!of.table().tryAddAway(pagesMax)) {
            window.release(pagesMax);
            return false;
        }
        begin(of);
        target = window;
        counted = pagesMax;
        away = pagesMax;
        return true;
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

    /**
     * {@return the first page whose bytes are copied, else the first that is zeroed; there is one}
     */
    long firstPage() {
        return (copies.isEmpty() ? zeros : copies).offset(0) / pages.pageBytes();
    }

    /** {@return whether a page can be in this batch: it copies from one device at most} */
    boolean accepts(long word) {
        return target != null
                || origin == null
                || PageWord.state(word) != PageWord.DEVICE
                || origin.device().id() == PageWord.device(word);
    }

    /**
     * Setup of one page that may move, is not where the batch brings it, and is accepted.
     *
     * @return whether the batch owns it now; if not, its word has changed
     */
    boolean tryLock(long page, long word) {
        boolean locked = target != null
                ? table.tryLockForDevice(page, word, target.device().id())
                : table.tryLockForHost(page, word);
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
        if (target != null) {
            int device = target.device().id();
            while (next < end && table.tryKeptLockForDevice(next, lastLocked, device)) {
                next++;
            }
        } else {
            while (next < end && table.tryKeptLockForHost(next, lastLocked)) {
                next++;
            }
        }
        if (next > page) {
            addLocked(page, next);
        }
        return next;
    }

    /** Lists pages that have been locked; all had the word {@code lastLocked}. */
    private void addLocked(long page, long end) {
        long offset = page * pages.pageBytes();
        long bytes = (end - page) * pages.pageBytes();
        int state = PageWord.state(lastLocked);
        if (target == null && state == PageWord.DEVICE && origin == null) {
            origin = pages.deviceWindow(PageWord.device(lastLocked));
        }
        boolean hasBytes = state == (target != null ? PageWord.HOST : PageWord.DEVICE);
        (hasBytes ? copies : zeros).add(offset, bytes);
        if (target == null && !PageWord.is(lastLocked, PageWord.COMMITTED)) {
            commits.add(offset, bytes);
        }
    }

    /** Ends setup: gives back what was counted in advance for pages that were not locked. */
    void endSetup() {
        if (target != null) {
            countLess(pageCount(copies), lockedPages());
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
     * Copies the bytes. Absent pages that come home need no zeroing: the home of a page that was
     * never written is fresh anonymous memory.
     *
     * @throws io.highpage.outcome.HighpageException if it failed; call {@link #putBack} then
     */
    void copy() {
        try {
            copyOnce();
        } catch (OutOfPageMemoryException full) {
            // Some drivers give out memory that they do not have, and say so at its first use.
            if (!full.device() || !device().heap().giveUpEmptySlabs()) {
                throw full;
            }
            copyOnce();
        }
    }

    private void copyOnce() {
        if (target != null) {
            copyIn(target.place());
            return;
        }
        if (!commits.isEmpty()) {
            pages.hostMemory().commit(pages.window(), commits);
        }
        if (!copies.isEmpty()) {
            Place place = origin.place();
            place.extent().copyOut(place.base(), pages.window(), copies);
        }
    }

    private void copyIn(Place place) {
        if (!zeros.isEmpty()) {
            place.extent().zero(place.base(), zeros);
        }
        if (!copies.isEmpty()) {
            place.extent().copyIn(place.base(), pages.window(), copies);
        }
        if (target.device().isLost()) {
            // Another call was told meanwhile. Once published these pages would be lost; they still
            // have their homes.
            throw new DeviceLostException(
                    "device " + target.device() + " was lost while pages were copied to it", null);
        }
    }

    /**
     * Publishes every page in its new place. Cannot fail; {@link #finish} comes after it.
     *
     * @param count what a claim adds to each page's word in the same store, or 0
     */
    void publish(long count) {
        publish(copies, count);
        publish(zeros, count);
        settled = true;
        if (target == null) {
            // After publishing: while the away count is 0 every page must be at home.
            table.subtractAway(lockedPages());
        }
    }

    /** Gives up what the pages have left: the driver may be called, and fail. */
    void finish() {
        if (target == null && origin != null) {
            origin.release(pageCount(copies));
        }
    }

    private void publish(PageRuns runs, long count) {
        for (int run = 0; run < runs.count(); run++) {
            long first = runs.offset(run) / pages.pageBytes();
            long end = first + runs.bytes(run) / pages.pageBytes();
            for (long page = first; page < end; page++) {
                table.publish(page, count);
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
        boolean lost = failure instanceof DeviceLostException;
        if (lost) {
            device().note(failure);
            if (((DeviceLostException) failure).mayStillRun()) {
                pages.keepWindow();
            }
        }
        putBack(copies, lost && target == null);
        putBack(zeros, false);
        if (target != null) {
            countLess(0, 0);
        }
    }

    private void putBack(PageRuns runs, boolean lost) {
        for (int run = 0; run < runs.count(); run++) {
            long first = runs.offset(run) / pages.pageBytes();
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

    private DeviceSlot device() {
        return (target != null ? target : origin).device();
    }

    /** {@return scratch: an outcome's ordinal for each page of a batch of so many} */
    byte[] outcomes(long batchPages) {
        if (outcomes.length < batchPages) {
            outcomes = new byte[(int) (kept ? pages.batchPages() : batchPages)];
        }
        return outcomes;
    }
}
