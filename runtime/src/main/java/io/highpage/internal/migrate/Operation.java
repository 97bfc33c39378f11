// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.memory.NoRoom;
import io.highpage.internal.memory.Refused;
import io.highpage.internal.memory.TierWindow;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.page.Verdict;
import io.highpage.internal.telemetry.BudgetReachedEvent;
import io.highpage.internal.telemetry.Told;
import io.highpage.internal.telemetry.WaitEvent;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.OutOfPageMemoryException;

import org.jspecify.annotations.Nullable;

/**
 * One operation on the pages of a range, whatever its {@link Verb}: the one loop that goes through
 * them in order, asks the rules about each, and brings in batches what has to move. A batch is
 * setup, copy and publish, as {@link Migration} does them; what a verb counts is counted in the
 * store that publishes the page, or, if the page is in place already, during setup.
 *
 * <p>Operations differ in what they do with a page that cannot be had: a {@link Claim} waits for it
 * or ends there, a {@link Move} notes why and goes on.
 *
 * <p>All that an operation knows of a page is its word, which others change at any time. A verdict
 * is therefore only a reason to try: the compare-and-set that follows expects the same word, and
 * where it fails the loop looks at the page again. {@link #next} only ever moves on, and stays
 * where it is while the operation waits or makes room.
 *
 * <p>Nothing is waited for while pages are owned, and an error of the JVM may come anywhere. So
 * whatever is thrown between the first lock and publish gives back what the batch counted and puts
 * back what it locked; {@link #next} moves on right after publish, with nothing in between that can
 * fail; and what may fail for want of memory comes after that.
 */
abstract sealed class Operation permits Claim, Move, HomeDiscard {
    /**
     * How often an operation makes room at once: others may take it each time. From then on it
     * waits in between, as for all that others do.
     */
    private static final int ROOMS_MAX = 1000;

    /** What it waits for if it is not a page. */
    static final String ROOM = "ROOM";

    final Pages pages;
    final PageTable table;
    final Verb verb;
    final int tier;
    final long to;

    /** The pages before it have been dealt with: they are counted, or passed. */
    long next;

    private int roomsMade;
    private boolean lookedTwice;
    private long refusedAt = -1; // the page for which a budget refused room last

    /** The wait for page {@code next} that is under way, if somebody records it. */
    private @Nullable WaitEvent wait;

    Operation(Pages pages, Verb verb, int tier, long from, long to) {
        this.pages = pages;
        this.table = pages.table();
        this.verb = verb;
        this.tier = tier;
        this.next = from;
        this.to = to;
    }

    // ---- what operations differ in ----

    /** {@return whether it ends before its range does} */
    abstract boolean isOver();

    /** {@return whether it is left as it is, to be gone on with later; nothing is owned then} */
    boolean isSuspended() {
        return false;
    }

    /** Deals with page {@code next}, which is not to move. No page is owned: it may wait. */
    abstract void meet(long word, Verdict verdict);

    /**
     * Deals with a page that is not to move, while the batch owns others: it must not wait.
     * {@return whether it has; if not, the batch ends before the page}
     */
    abstract boolean meetInBatch(long page, long word, Verdict verdict);

    /**
     * Does with the pages of a batch, which are all locked or counted now, what they were locked
     * for. If it fails they are put back.
     *
     * @param end the page behind the batch
     */
    void carry(Migration migration, long end) {
        if (!migration.isEmpty()) {
            migration.copy();
        }
    }

    /** Hears that pages before {@code next} were moved. None is owned any more: it may fail. */
    abstract void moved();

    /**
     * Hears that a step failed.
     *
     * @param page the first page that was to move
     * @param end pages from {@code next} to {@code end - 1} are where they were, and not counted
     */
    abstract void failed(long page, long end, HighpageException failure);

    /**
     * A batch is set up from the page {@code next} on, perhaps not for the first time: room may
     * have been made for it, and pages of it may have been let go meanwhile.
     */
    void beginBatch() {}

    /**
     * Waits a little for another operation that gets memory of the device. {@return false if that
     * was long enough}
     */
    abstract boolean awaitOthers();

    /** {@return whether there is time to have one more span leave: asked before each} */
    boolean hasTime() {
        return true;
    }

    /**
     * Waits a little for those who have the room that the operation needs. No page is owned, and
     * nothing of the tier. {@return false if it has waited long enough, or does not}
     */
    abstract boolean awaitRoom(InTheWay way);

    // ---- what they have in common ----

    /** {@return who wants the pages that it moves; null if it moves none} */
    @Nullable
    String reason() {
        return verb.text();
    }

    /** {@return what may be done with a page that has this word} */
    final Verdict verdict(long word) {
        return pages.verdict(verb, tier, word);
    }

    /** Marks a page as lost for which the rules have said so, and that the operation wanted. */
    final void lose(long page, long word, Verdict verdict) {
        if (verdict == Verdict.LOSE) {
            boolean ignored = table.tryLose(page, word);
        }
    }

    /** Goes on from {@code next}, until the end of the range or until it is over. */
    final void run() {
        if (wait != null) { // from an earlier run, which was suspended
            wait.rested();
        }
        try {
            goThrough();
        } finally { // also if something was thrown
            if (wait != null && !isSuspended()) {
                waited();
            }
        }
    }

    private void goThrough() {
        while (next < to && !isOver() && !isSuspended()) {
            long word = table.word(next);
            Verdict verdict = verdict(word);
            switch (verdict) {
                case MOVE -> moveBatch();
                case DROP -> drop(word);
                case HOME_FIRST -> moveHome();
                default -> meet(word, verdict);
            }
            if (wait != null && wait.page != next) {
                waited();
            }
        }
    }

    /**
     * Has the page {@code next}, and those after it that are alike, at home alone: what the device
     * has of them is valid no longer. Nothing is copied, and none is owned.
     */
    private void drop(long word) {
        long end = Math.min(to, pages.spanEnd(next));
        long page = next;
        while (page < end && table.tryDrop(page, word, verb.one())) {
            page++;
        }
        long dropped = page - next;
        if (dropped == 0) {
            return;
        }
        TierWindow left = pages.window(PageWord.device(word), next);
        next = page; // first, as after publish
        table.subtractAway(dropped);
        left.release(dropped);
        moved();
    }

    /** Brings the pages from {@code next} on home that are free where it is. */
    private void moveHome() {
        long end = endOfSamePlace();
        Move.home(pages, next, end, verb.text())
                .failure()
                .ifPresent(failure -> failed(next, end, failure));
    }

    private long endOfSamePlace() {
        long place = PageWord.STATE_MASK | PageWord.DEVICE_MASK;
        long first = table.word(next);
        long page = next + 1;
        while (page < to) {
            long word = table.word(page);
            if (((word ^ first) & place) != 0 || verdict(word) != Verdict.HOME_FIRST) {
                break;
            }
            page++;
        }
        return page;
    }

    private void moveBatch() {
        beginBatch();
        Migration migration = pages.migrations().take();
        try {
            moveBatch(migration, pages.batchEnd(next, to));
        } finally {
            pages.migrations().give(migration);
        }
    }

    /** One batch that starts at {@code next}, which has to move, and ends at {@code endMax}. */
    private void moveBatch(Migration migration, long endMax) {
        if (!begin(migration, endMax)) {
            return;
        }
        long page = next;
        try {
            while (page < endMax && !migration.isFull()) {
                long behind = migration.lockAlike(page, endMax);
                if (behind == page && !lock(migration, page)) {
                    break;
                }
                page = Math.max(behind, page + 1);
            }
            migration.endSetup();
            carry(migration, page);
        } catch (NoRoom full) {
            giveBack(migration, page, full);
            roomOrFailed(page, full);
            return;
        } catch (HighpageException failure) {
            giveBack(migration, page, failure);
            failed(migration.isEmpty() ? next : migration.firstPage(), page, failure);
            return;
        } catch (RuntimeException | Error failure) {
            giveBack(migration, page, failure);
            throw failure;
        }
        migration.publish(verb);
        next = page; // first: whatever comes of what is left behind, these pages are counted
        migration.finish(verb);
        moved();
    }

    // ---- what is told of it ----

    /**
     * Is about to wait for page {@code next}.
     *
     * @param why a state of the page, or {@link #ROOM}
     */
    final void waits(String why) {
        if (wait == null) {
            WaitEvent begun = WaitEvent.begun();
            if (begun != null) {
                begun.page = next;
                begun.reason = why;
                wait = begun;
            }
        }
    }

    /** {@return the answer of a wait: whether it has waited, and is to look again} */
    final boolean rested(boolean again) {
        if (again && wait != null) {
            wait.rested();
        }
        return again;
    }

    /** One that was suspended does not go on. Throws nothing. */
    final void stopsWaiting() {
        if (wait != null) {
            wait.rested();
            waited();
        }
    }

    /** The page in the way has been dealt with. */
    private void waited() {
        WaitEvent over = wait;
        wait = null;
        if (over != null && over.hasRested()) {
            over.runtime = pages.runtime();
            over.buffer = pages.bufferId();
            over.operation = verb.text();
            over.tell();
        }
    }

    /** Once for each page at which it happens. */
    private void refused(NoRoom full) {
        Refused by = full.refused().refused();
        if (refusedAt != next && full.isByBudget()) {
            refusedAt = next;
            reached(by.budget(), by.tier(), by.requestedBytes(), by.usedBytes(), by.limitBytes());
        }
    }

    private void neverFits(Throwable failure) {
        if (failure instanceof OutOfPageMemoryException full && !full.isRetryable()) {
            int where = full.device() ? tier : PageWord.HOME;
            BudgetNode by = pages.home().account().budget().tightest(where);
            if (full.requestedBytes() > by.limit(where)) {
                reached(by, where, full.requestedBytes(), by.used(where), by.limit(where));
            }
        }
    }

    private void reached(BudgetNode budget, int where, long requested, long used, long limit) {
        BudgetReachedEvent event = BudgetReachedEvent.made();
        if (event != null) {
            event.runtime = pages.runtime();
            event.charged = budget;
            event.tier =
                    where == PageWord.HOME ? Told.HOME : pages.device(where).name();
            event.requestedBytes = requested;
            event.usedBytes = used;
            event.limitBytes = limit;
            event.tell();
        }
    }

    // ---- steps of a batch ----

    /**
     * {@return whether the batch has begun; if not, it has failed or the next look at the page says
     * why}
     */
    private boolean begin(Migration migration, long end) {
        try {
            return migration.begin(reason(), pages, tier, next, end - next, this::awaitOthers);
        } catch (NoRoom full) {
            roomOrFailed(end, full);
            return false;
        } catch (HighpageException failure) {
            neverFits(failure);
            if (!isSuspended()) {
                failed(next, end, failure);
            }
            return false;
        }
    }

    /**
     * The batch up to a page found no room, and owns nothing any more: sees to some, so that the
     * page can be looked at again.
     */
    private void roomOrFailed(long end, NoRoom full) {
        refused(full);
        if (verb.isInBackground()) {
            failed(next, end, full.failure(""));
            return;
        }
        InTheWay way = pages.reclaimer().makeRoom(pages, next, verb, full, this::hasTime);
        if (way == null) {
            lookedTwice = false;
            if (roomsMade++ < ROOMS_MAX) {
                return;
            }
            way = InTheWay.others(full);
        } else if (!lookedTwice && !way.hasFailed()) {
            lookedTwice = true; // what was in the way may have left before it was looked at
            return;
        }
        if (pages.isLost(tier) || !awaitRoom(way)) {
            failed(
                    next,
                    end,
                    pages.isLost(tier) && !way.hasFailed()
                            ? Failures.lost(pages.device(tier))
                            : way.failure());
        }
    }

    /** Setup of one page. {@return false if the batch ends before it} */
    private boolean lock(Migration migration, long page) {
        long word = table.word(page);
        Verdict verdict = verdict(word);
        return verdict == Verdict.MOVE
                ? migration.accepts(word) && migration.tryLock(page, word)
                : meetInBatch(page, word, verdict);
    }

    /** Uncounts what a failed batch counted and puts back what it locked. */
    private void giveBack(Migration migration, long end, Throwable failure) {
        if (verb.counts()) {
            for (long page = next; page < end; page++) {
                // Every page of the batch is either counted or owned by it, so a moving page is its
                // own.
                if (!PageWord.isMoving(table.word(page))) {
                    Claim.release(pages, verb, page, page + 1);
                }
            }
        }
        migration.putBack(failure);
        neverFits(failure);
    }
}
