// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.DeviceLostException;
import io.highpage.HighpageException;
import io.highpage.MoveReport;
import io.highpage.PageOutcome;
import io.highpage.PageOutcomes;
import io.highpage.Terms;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;

/**
 * Takes one count on every page of a range, and brings each page to where the count needs it first. What is claimed is
 * always a prefix of the range, so that a failure knows what to give back; pages are locked, copied and published in
 * batches, each page counted in the store that publishes it. It never waits while it owns a moving page.
 */
public final class Claim {

    /** What a claim counts, and where it needs the page. */
    public enum Kind {
        /** On the host. */
        PIN("long-term pin", PageWord.PINS_SHIFT),
        /** On the host, or on a coherent device. */
        HOLD("hold", PageWord.HOLDS_SHIFT),
        /** On the accessing device. */
        ACCESS("device access", PageWord.ACCESSES_SHIFT);

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
    private final OwnHolders own;
    private final Patience patience;
    private boolean givesWay;

    private Claim(Pages pages, Kind kind, DeviceSlot device, long from, long to, Terms terms, OwnHolders own) {
        this.pages = pages;
        this.table = pages.table();
        this.kind = kind;
        this.device = device;
        this.from = from;
        this.to = to;
        this.own = own;
        this.patience = new Patience(terms);
        this.givesWay = kind != Kind.PIN;
    }

    /**
     * Claims pages {@code from} to {@code to - 1}.
     *
     * @param device the accessing device, or null
     * @throws HighpageException if a page cannot be had; nothing is claimed then
     * @throws IllegalStateException if the buffer is closed
     */
    public static void take(
            Pages pages, Kind kind, DeviceSlot device, long from, long to, Terms terms, OwnHolders own) {
        if (device != null && device.isLost()) {
            throw new DeviceLostException("device " + device + " is lost; the pages stay where they are", null);
        }
        long next = claimInPlace(pages, kind, device, from, to);
        if (next < to) {
            new Claim(pages, kind, device, from, to, terms, own).takeRest(next);
        }
    }

    /** Gives the counts of pages {@code from} to {@code to - 1} back. */
    public static void release(Pages pages, Kind kind, long from, long to) {
        PageTable table = pages.table();
        for (long page = from; page < to; page++) {
            table.countDown(page, kind.shift);
        }
    }

    /** The fast path: counts pages that are where they are needed. {@return the first page that is not} */
    private static long claimInPlace(Pages pages, Kind kind, DeviceSlot device, long from, long to) {
        PageTable table = pages.table();
        for (long page = from; page < to; page++) {
            long word;
            do {
                word = table.word(page);
                if (!isInPlace(pages, kind, device, word)
                        || (word & (PageWord.CLOSED | PageWord.WANTED)) != 0
                        || PageWord.count(word, kind.shift) == PageWord.COUNT_MAX) {
                    return page;
                }
            } while (!table.tryCountUp(page, word, kind.shift));
        }
        return to;
    }

    private static boolean isInPlace(Pages pages, Kind kind, DeviceSlot device, long word) {
        return switch (PageWord.state(word)) {
            case PageWord.HOST -> kind != Kind.ACCESS;
            case PageWord.DEVICE ->
                switch (kind) {
                    case PIN -> false;
                    case HOLD -> {
                        DeviceSlot at = pages.device(PageWord.device(word));
                        yield at.isCoherent() && !at.isLost();
                    }
                    case ACCESS -> PageWord.device(word) == device.id() && !device.isLost();
                };
            default -> false;
        };
    }

    /** As {@link #claimInPlace} for one page, once this claim need not give way any more. */
    private boolean tryClaim(long page) {
        long word;
        do {
            word = table.word(page);
            if (!isInPlace(pages, kind, device, word)
                    || PageWord.is(word, PageWord.CLOSED)
                    || givesWay && PageWord.is(word, PageWord.WANTED)
                    || PageWord.count(word, kind.shift) == PageWord.COUNT_MAX) {
                return false;
            }
        } while (!table.tryCountUp(page, word, kind.shift));
        return true;
    }

    private void takeRest(long start) {
        long next = start;
        long wanted = -1;
        try {
            while (next < to) {
                if (tryClaim(next)) {
                    next++;
                    continue;
                }
                PageOutcome obstacle = obstacle(next, table.word(next));
                if (obstacle == MOVABLE) {
                    next = moveAndClaim(next);
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
                awaitOrFail(next, obstacle);
            }
        } catch (RuntimeException | Error failure) {
            release(pages, kind, from, Math.min(next, to));
            throw failure;
        } finally {
            unwant(wanted);
        }
    }

    private void unwant(long page) {
        if (page >= 0 && !pages.isClosed()) {
            table.unwant(page);
        }
    }

    private static boolean isKept(PageOutcome obstacle) {
        return obstacle == PageOutcome.HELD || obstacle == PageOutcome.PINNED || obstacle == PageOutcome.ACCESSED;
    }

    /** What keeps the claim from a page; IN_PLACE if nothing does, MOVABLE if the page only has to move. */
    private PageOutcome obstacle(long page, long word) {
        if (PageWord.is(word, PageWord.CLOSED)) {
            return Move.closing(pages);
        }
        if (PageWord.isMoving(word)) {
            return PageOutcome.MOVING;
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

    private void awaitOrFail(long page, PageOutcome obstacle) {
        boolean again = switch (obstacle) {
            case IN_PLACE -> { // a wanted page, or a lost race
                if (!patience.giveWay() || own.keep(page)) {
                    givesWay = false;
                }
                yield true;
            }
            case MOVING -> patience.awaitMoving();
            case HELD, PINNED, ACCESSED, COUNT_FULL ->
                patience.waitsForBusy() && !own.keep(page) && patience.awaitBusy();
            default -> false;
        };
        if (!again) {
            throw failure(page, obstacle, null);
        }
        if (Thread.currentThread().isInterrupted()) {
            throw failure(page, PageOutcome.INTERRUPTED, null);
        }
    }

    /** Setup, copy and finish of one batch that starts at a page that has to move. {@return the first page not claimed} */
    private long moveAndClaim(long start) {
        if (kind == Kind.ACCESS && PageWord.state(table.word(start)) == PageWord.DEVICE) {
            // On another device: home first, then in.
            MoveReport report = Move.home(pages, start, endOnSameDevice(start));
            if (report.failure().isPresent()) {
                HighpageException failed = report.failure().get();
                throw failure(start, Failures.outcome(failed), failed);
            }
            return start;
        }
        Migration migration = pages.migrations().take();
        try {
            return moveAndClaim(migration, start, Math.min(to, start + pages.batchPages()));
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

    private long moveAndClaim(Migration migration, long start, long end) {
        if (kind != Kind.ACCESS) {
            migration.beginHome(pages);
        } else if (!beginIn(migration, start, end)) {
            return start; // pinned or closing: the next look at the page says which
        }
        long page = start;
        while (page < end && !migration.isFull() && (tryClaim(page) || tryLock(migration, page))) {
            page++;
        }
        migration.endSetup();
        if (migration.isEmpty()) {
            return page;
        }
        try {
            migration.copy();
        } catch (HighpageException failed) {
            long first = migration.firstPage();
            giveBack(migration, start, page, failed);
            throw failure(first, Failures.outcome(failed), failed);
        } catch (RuntimeException | Error failed) {
            giveBack(migration, start, page, failed);
            throw failed;
        }
        migration.finish(1L << kind.shift);
        return page;
    }

    private boolean beginIn(Migration migration, long start, long end) {
        try {
            return migration.beginIn(pages, device, end - start);
        } catch (HighpageException refused) {
            throw failure(start, Failures.outcome(refused), refused);
        }
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
    private void giveBack(Migration migration, long start, long end, Throwable failed) {
        for (long page = start; page < end; page++) {
            // Every page of the batch's range is either counted or owned by it, so a moving page is its own.
            if (!PageWord.isMoving(table.word(page))) {
                table.countDown(page, kind.shift);
            }
        }
        migration.putBack(failed);
    }

    /** Makes the error for a page that cannot be had, with the reason of every page of the range. */
    private RuntimeException failure(long page, PageOutcome reason, HighpageException cause) {
        PageOutcomes.Builder outcomes = new PageOutcomes.Builder(from);
        for (long other = from; other < to; other++) {
            outcomes.add(1, other == page ? reason : obstacle(other, table.word(other)));
        }
        return Failures.exception(kind.text, pages.bufferId(), page, reason, outcomes.build(), cause);
    }
}
