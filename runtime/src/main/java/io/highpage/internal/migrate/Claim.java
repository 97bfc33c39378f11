// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.outcome.OutcomeRuns;
import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PageOutcomes;
import io.highpage.outcome.Refusal;
import io.highpage.outcome.Terms;

/**
 * Takes one count on every page of a range, and brings each page to where the count needs it first.
 * What is claimed is always a prefix of the range, so that a failure knows what to give back; pages
 * are locked, copied and published in batches, each page counted in the store that publishes it. It
 * never waits while it owns a moving page.
 */
public final class Claim {

    /** What a claim counts, and where it needs the page. */
    public enum Kind {
        /** On the host. */
        PIN("long-term pin", PageWord.PINS_SHIFT),
        /** On the host, or on a coherent device. */
        HOLD("hold", PageWord.HOLDS_SHIFT),
        /** On the accessing device. */
        ACCESS("device access", PageWord.ACCESSES_SHIFT),
        /**
         * On a private device, where no access is open: for a copy by its driver, which is a hold
         * by other means.
         */
        DRIVER_COPY("copy by the driver", PageWord.HOLDS_SHIFT);

        private final String text;
        private final int shift;

        Kind(String text, int shift) {
            this.text = text;
            this.shift = shift;
        }
    }

    private static final PageOutcome MOVABLE = PageOutcome.NOT_TRIED;

    private final Pages pages;
    private final PageTable table;
    private final Kind kind;
    private final DeviceSlot device;
    private final long from;
    private final long to;
    private final PageHolders holders;
    private final Patience patience;
    private boolean givesWay;

    /** What comes before it is claimed. */
    private long next;

    private PageOutcome refusal; // why the run ended early, or null
    private long refusedPage;
    private long refusedEnd;
    private HighpageException cause; // the failed step, if that is why

    private Claim(
            Pages pages,
            Kind kind,
            DeviceSlot device,
            long from,
            long to,
            Terms terms,
            PageHolders holders) {
        this.pages = pages;
        this.table = pages.table();
        this.kind = kind;
        this.device = device;
        this.from = from;
        this.to = to;
        this.holders = holders;
        this.patience = new Patience(terms);
        this.givesWay = kind != Kind.PIN;
        this.next = from;
    }

    /**
     * Claims pages {@code from} to {@code to - 1}.
     *
     * @param device the accessing device, or null
     * @throws HighpageException if a page cannot be had; nothing is claimed then
     * @throws IllegalStateException if the buffer is closed
     */
    public static void take(
            Pages pages,
            Kind kind,
            DeviceSlot device,
            long from,
            long to,
            Terms terms,
            PageHolders holders) {
        Refusal refused = tryTake(pages, kind, device, from, to, terms, holders);
        if (refused != null) {
            throw refused.toException();
        }
    }

    /**
     * Claims pages {@code from} to {@code to - 1}. {@return why a page cannot be had, and nothing
     * is claimed; null if all are claimed}
     *
     * @param device the accessing device, or null
     * @throws DeviceLostException if that device is lost
     * @throws IllegalStateException if the buffer is closed
     */
    public static Refusal tryTake(
            Pages pages,
            Kind kind,
            DeviceSlot device,
            long from,
            long to,
            Terms terms,
            PageHolders holders) {
        if (device != null && device.isLost()) {
            throw new DeviceLostException(
                    "device " + device + " is lost; the pages stay where they are", null);
        }
        long next = claimInPlace(pages, kind, device, from, to);
        if (next == to) {
            return null;
        }
        Claim claim = null;
        Refusal refused;
        try {
            StackRoom.checkLong();
            claim = new Claim(pages, kind, device, from, to, terms, holders);
            claim.next = next;
            claim.run();
            refused = claim.refusal == null ? null : claim.refused();
        } catch (RuntimeException | Error failure) {
            release(pages, kind, from, claim == null ? next : claim.next);
            throw failure;
        }
        if (refused != null) {
            release(pages, kind, from, claim.next);
        }
        return refused;
    }

    /**
     * Claims pages {@code from} to {@code to - 1} if all are where the claim needs them.
     * {@return whether it did}
     */
    public static boolean tryInPlace(
            Pages pages, Kind kind, DeviceSlot device, long from, long to) {
        long next = claimInPlace(pages, kind, device, from, to);
        if (next < to) {
            release(pages, kind, from, next);
        }
        return next == to;
    }

    /**
     * Claims every page of {@code from} to {@code to - 1} that can be had.
     *
     * @return for each page IN_PLACE if it is claimed, else why not
     * @throws IllegalStateException if the buffer is closed; nothing is claimed then
     */
    public static PageOutcomes takePossible(
            Pages pages, Kind kind, long from, long to, Terms terms, PageHolders holders) {
        StackRoom.checkLong();
        Claim claim = new Claim(pages, kind, null, from, to, terms, holders);
        OutcomeRuns.Builder outcomes = new OutcomeRuns.Builder(from);
        try {
            while (claim.next < to) {
                claim.run();
                outcomes.add(claim.next - outcomes.nextPage(), PageOutcome.IN_PLACE);
                if (claim.refusal == PageOutcome.CLOSED) {
                    throw Failures.closed(pages.bufferId());
                }
                claim.skipRefused(outcomes);
            }
            return outcomes.build();
        } catch (RuntimeException | Error failure) {
            release(pages, kind, outcomes.nextPage(), claim.next); // claimed, but not added yet
            release(pages, kind, outcomes.build());
            throw failure;
        }
    }

    /** Gives back what {@link #takePossible} claimed. Allocates nothing. */
    public static void release(Pages pages, Kind kind, PageOutcomes claimed) {
        long end = claimed.firstPage() + claimed.pageCount();
        for (long page = claimed.firstPage(); page < end; page++) {
            if (claimed.of(page) == PageOutcome.IN_PLACE) {
                release(pages, kind, page, page + 1);
            }
        }
    }

    /**
     * Goes past refused pages; a batch that could not be copied may have had pages in between that
     * were in place. What is claimed comes before {@code next} before it is added, which may fail
     * for want of memory.
     */
    private void skipRefused(OutcomeRuns.Builder outcomes) {
        while (refusal != null && next < refusedEnd) {
            if (tryClaim(next)) {
                next++;
                outcomes.add(1, PageOutcome.IN_PLACE);
            } else {
                outcomes.add(1, refusal);
                next++;
            }
        }
        refusal = null;
    }

    /** Gives the counts of pages {@code from} to {@code to - 1} back. */
    public static void release(Pages pages, Kind kind, long from, long to) {
        PageTable table = pages.table();
        if (from == to) {
            return;
        }
        long word;
        do {
            word = table.keptWord(from);
        } while (!table.tryCountDown(from, word, kind.shift));
        if (from + 1 < to) {
            releaseAlike(table, kind, from + 1, to, word);
        }
    }

    /**
     * Goes on after a page that was given back: the next ones are taken to have the same word, as
     * in {@link #countAlike}. Apart, as there, because one page is most of what is pinned, and the
     * loop is most of the code.
     */
    private static void releaseAlike(
            PageTable table, Kind kind, long from, long to, long wordBefore) {
        long word = wordBefore;
        for (long page = from; page < to; ) {
            if (table.tryCountDown(page, word, kind.shift)) {
                page++;
            } else {
                word = table.keptWord(page);
            }
        }
    }

    /**
     * The fast path: counts pages that are where they are needed. {@return the first page that is
     * not}
     */
    private static long claimInPlace(
            Pages pages, Kind kind, DeviceSlot device, long from, long to) {
        return count(pages, kind, device, from, to, PageWord.CLOSED | PageWord.WANTED);
    }

    /**
     * Counts pages that are where they are needed, have none of the flags and are not full.
     *
     * @return the first page that is not counted
     */
    private static long count(
            Pages pages, Kind kind, DeviceSlot device, long from, long to, long flags) {
        PageTable table = pages.table();
        long word;
        do {
            word = table.word(from);
            if (!fits(pages, kind, device, word, flags)) {
                return from;
            }
        } while (!table.tryCountUp(from, word, kind.shift));
        return from + 1 == to ? to : countAlike(pages, kind, device, from + 1, to, flags, word);
    }

    /**
     * Goes on after a page that was counted. Each page is taken to have the word of the one before,
     * which needs no second look: the compare-and-set tells whether it has.
     */
    private static long countAlike(
            Pages pages,
            Kind kind,
            DeviceSlot device,
            long from,
            long to,
            long flags,
            long wordBefore) {
        PageTable table = pages.table();
        long word = wordBefore;
        for (long page = from; page < to; ) {
            if (table.tryKeptCountUp(page, word, kind.shift)) {
                page++;
                continue;
            }
            word = table.keptWord(page);
            if (!fits(pages, kind, device, word, flags)) {
                return page;
            }
        }
        return to;
    }

    private static boolean fits(Pages pages, Kind kind, DeviceSlot device, long word, long flags) {
        return isInPlace(pages, kind, device, word)
                && !PageWord.is(word, flags)
                && PageWord.count(word, kind.shift) != PageWord.COUNT_MAX;
    }

    private static boolean isInPlace(Pages pages, Kind kind, DeviceSlot device, long word) {
        return switch (PageWord.state(word)) {
            case PageWord.HOST -> kind == Kind.PIN || kind == Kind.HOLD;
            case PageWord.DEVICE ->
                switch (kind) {
                    case PIN -> false;
                    case HOLD -> {
                        DeviceSlot at = pages.device(PageWord.device(word));
                        yield at.isCoherent() && !at.isLost();
                    }
                    case ACCESS ->
                        PageWord.device(word) == device.id()
                                && !device.isLost()
                                && (device.isCoherent()
                                        || PageWord.holds(word) == 0); // else a driver's copy
                    case DRIVER_COPY ->
                        PageWord.device(word) == device.id()
                                && !device.isLost()
                                && PageWord.accesses(word) == 0;
                };
            default -> false;
        };
    }

    /**
     * As {@link #claimInPlace} for one page; goes past a wanted page once this claim has given way.
     */
    private boolean tryClaim(long page) {
        long flags = givesWay ? PageWord.CLOSED | PageWord.WANTED : PageWord.CLOSED;
        return count(pages, kind, device, page, page + 1, flags) > page;
    }

    /** Claims on, until the end or a refusal. */
    private void run() {
        long wanted = -1;
        try {
            while (next < to && refusal == null) {
                if (tryClaim(next)) {
                    next++;
                    continue;
                }
                PageOutcome obstacle = obstacle(next, table.word(next));
                if (obstacle == MOVABLE) {
                    moveAndClaim();
                    continue;
                }
                if (wanted != next) {
                    unwant(wanted);
                    wanted = -1;
                }
                if (isKept(obstacle) && kind != Kind.HOLD && patience.waitsForBusy()) {
                    table.want(next);
                    wanted = next;
                }
                awaitOrRefuse(obstacle);
            }
        } finally {
            unwant(wanted);
        }
    }

    /**
     * Ends the run: pages from {@code next} to {@code end - 1} cannot be had, first of all
     * {@code page}.
     */
    private void refuse(long page, long end, PageOutcome reason, HighpageException why) {
        refusedPage = page;
        refusedEnd = end;
        refusal = reason;
        cause = why;
    }

    private void unwant(long page) {
        if (page >= 0 && !pages.isClosed()) {
            table.unwant(page);
        }
    }

    private static boolean isKept(PageOutcome obstacle) {
        return obstacle == PageOutcome.HELD
                || obstacle == PageOutcome.PINNED
                || obstacle == PageOutcome.ACCESSED;
    }

    /**
     * What keeps the claim from a page; IN_PLACE if nothing does, MOVABLE if the page only has to
     * move.
     */
    private PageOutcome obstacle(long page, long word) {
        if (PageWord.is(word, PageWord.CLOSED)) {
            return Move.closing(pages);
        }
        if (PageWord.isMoving(word)) {
            return PageOutcome.MOVING;
        }
        if (PageWord.state(word) == PageWord.ABSENT && BufferWord.isClosed(table.bufferWord())) {
            return Move.closing(pages); // by its region, not in its word
        }
        if (PageWord.state(word) == PageWord.LOST) {
            return PageOutcome.DEVICE_LOST;
        }
        if (PageWord.state(word) == PageWord.DEVICE
                && pages.device(PageWord.device(word)).isLost()) {
            boolean ignored = table.tryLose(page, word);
            return PageOutcome.DEVICE_LOST;
        }
        if (isInPlace(pages, kind, device, word)) {
            return PageWord.count(word, kind.shift) == PageWord.COUNT_MAX
                    ? PageOutcome.COUNT_FULL
                    : PageOutcome.IN_PLACE;
        }
        PageOutcome keeper = Move.keeper(word);
        if (keeper == null && kind == Kind.ACCESS) {
            keeper = Move.bufferKeeper(pages);
        }
        return keeper == null ? MOVABLE : keeper;
    }

    private void awaitOrRefuse(PageOutcome obstacle) {
        boolean again = switch (obstacle) {
            case IN_PLACE -> { // a wanted page, or a lost race
                if (!patience.giveWay() || holders.ownKeeps(next)) {
                    givesWay = false;
                }
                yield true;
            }
            case MOVING -> patience.awaitMoving();
            case HELD, PINNED, ACCESSED, COUNT_FULL ->
                patience.waitsForBusy() && !holders.ownKeeps(next) && patience.awaitBusy();
            default -> false;
        };
        if (!again) {
            refuse(next, next + 1, obstacle, null);
        } else if (Thread.currentThread().isInterrupted()) {
            refuse(next, next + 1, PageOutcome.INTERRUPTED, null);
        }
    }

    /** Setup, copy and finish of one batch that starts at the next page, which has to move. */
    private void moveAndClaim() {
        if (kind == Kind.ACCESS && PageWord.state(table.word(next)) == PageWord.DEVICE) {
            // On another device: home first, then in.
            long end = endOnSameDevice(next);
            Move.home(pages, next, end)
                    .failure()
                    .ifPresent(failed -> refuse(next, end, Failures.outcome(failed), failed));
            return;
        }
        Migration migration = pages.migrations().take();
        try {
            moveAndClaim(migration, Math.min(to, next + pages.batchPages()));
        } finally {
            pages.migrations().give(migration);
        }
    }

    /** {@return the end of the stretch of pages that are on the same device as the first} */
    private long endOnSameDevice(long start) {
        int deviceId = PageWord.device(table.word(start));
        long page = start + 1;
        while (page < to
                && PageWord.state(table.word(page)) == PageWord.DEVICE
                && PageWord.device(table.word(page)) == deviceId) {
            page++;
        }
        return page;
    }

    private void moveAndClaim(Migration migration, long end) {
        if (!begin(migration, end)) {
            return;
        }
        long page = next;
        try {
            while (page < end && !migration.isFull()) {
                long behind = migration.lockAlike(page, end);
                if (behind == page && !tryClaim(page) && !tryLock(migration, page)) {
                    break;
                }
                page = Math.max(behind, page + 1);
            }
            migration.endSetup();
            if (migration.isEmpty()) {
                next = page;
                return;
            }
            migration.copy();
        } catch (HighpageException failed) {
            giveBack(migration, page, failed);
            refuse(
                    migration.isEmpty() ? next : migration.firstPage(),
                    page,
                    Failures.outcome(failed),
                    failed);
            return;
        } catch (RuntimeException | Error failed) {
            giveBack(migration, page, failed);
            throw failed;
        }
        migration.publish(1L << kind.shift);
        next = page; // first: whatever comes of what is left behind, these pages are claimed
        migration.finish();
    }

    /**
     * {@return whether the batch has begun; if not, it was refused or the next look at the page
     * says why}
     */
    private boolean begin(Migration migration, long end) {
        int tier = kind == Kind.ACCESS ? device.id() : PageWord.HOME;
        try {
            return migration.begin(pages, tier, next, end - next, this::awaitOthers);
        } catch (HighpageException refused) {
            refuse(next, end, Failures.outcome(refused), refused);
            return false;
        }
    }

    /**
     * Waits a little for others that get memory of the device. {@return false if the deadline has
     * passed}
     */
    private boolean awaitOthers() {
        return !Thread.currentThread().isInterrupted() && patience.awaitMoving();
    }

    private boolean tryLock(Migration migration, long page) {
        long word = table.word(page);
        boolean elsewhere = kind == Kind.ACCESS && PageWord.state(word) == PageWord.DEVICE;
        return obstacle(page, word) == MOVABLE
                && !elsewhere
                && migration.accepts(word)
                && migration.tryLock(page, word);
    }

    /** Uncounts what a failed batch claimed in between and puts back what it locked. */
    private void giveBack(Migration migration, long end, Throwable failed) {
        for (long page = next; page < end; page++) {
            // Every page of the batch's range is either counted or owned by it, so a moving page is
            // its own.
            if (!PageWord.isMoving(table.word(page))) {
                release(pages, kind, page, page + 1);
            }
        }
        migration.putBack(failed);
    }

    /** {@return the refusal, with the reason of every page of the range} */
    private Refusal refused() {
        if (refusal == PageOutcome.CLOSED) {
            throw Failures.closed(pages.bufferId());
        }
        OutcomeRuns.Builder outcomes = new OutcomeRuns.Builder(from);
        for (long page = from; page < to; page++) {
            outcomes.add(1, page == refusedPage ? refusal : obstacle(page, table.word(page)));
        }
        return Failures.refusal(
                kind.text,
                pages.bufferId(),
                refusedPage,
                refusal,
                this::namedHolders,
                outcomes.build(),
                cause);
    }

    private String namedHolders() {
        return isKept(refusal) ? holders.named(refusedPage) : "";
    }
}
