// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.outcome.OutcomeRuns;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.page.Verdict;
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
    private final Pages pages;
    private final PageTable table;
    private final Verb verb;
    private final int tier;
    private final long from;
    private final long to;
    private final PageHolders holders;
    private final Patience patience;
    private boolean givesWay = true;

    /** What comes before it is claimed. */
    private long next;

    private PageOutcome refusal; // why the run ended early, or null
    private long refusedPage;
    private long refusedEnd;
    private HighpageException cause; // the failed step, if that is why

    private Claim(
            Pages pages,
            Verb verb,
            int tier,
            long from,
            long to,
            Terms terms,
            PageHolders holders) {
        this.pages = pages;
        this.table = pages.table();
        this.verb = verb;
        this.tier = tier;
        this.from = from;
        this.to = to;
        this.holders = holders;
        this.patience = new Patience(terms);
        this.next = from;
    }

    /**
     * Claims pages {@code from} to {@code to - 1}.
     *
     * @param tier the accessing device, else {@link PageWord#HOME}
     * @throws HighpageException if a page cannot be had; nothing is claimed then
     * @throws IllegalStateException if the buffer is closed
     */
    public static void take(
            Pages pages,
            Verb verb,
            int tier,
            long from,
            long to,
            Terms terms,
            PageHolders holders) {
        Refusal refused = tryTake(pages, verb, tier, from, to, terms, holders);
        if (refused != null) {
            throw refused.toException();
        }
    }

    /**
     * Claims pages {@code from} to {@code to - 1}. {@return why a page cannot be had, and nothing
     * is claimed; null if all are claimed}
     *
     * @param tier the accessing device, else {@link PageWord#HOME}
     * @throws DeviceLostException if that device is lost
     * @throws IllegalStateException if the buffer is closed
     */
    public static Refusal tryTake(
            Pages pages,
            Verb verb,
            int tier,
            long from,
            long to,
            Terms terms,
            PageHolders holders) {
        DeviceLostException lost = pages.lost(tier);
        if (lost != null) {
            throw lost;
        }
        long next = claimInPlace(pages, verb, tier, from, to);
        if (next == to) {
            return null;
        }
        Claim claim = null;
        Refusal refused;
        try {
            StackRoom.checkLong();
            claim = new Claim(pages, verb, tier, from, to, terms, holders);
            claim.next = next;
            claim.run();
            refused = claim.refusal == null ? null : claim.refused();
        } catch (RuntimeException | Error failure) {
            release(pages, verb, from, claim == null ? next : claim.next);
            throw failure;
        }
        if (refused != null) {
            release(pages, verb, from, claim.next);
        }
        return refused;
    }

    /**
     * Claims pages {@code from} to {@code to - 1} if all are where the claim needs them.
     * {@return whether it did}
     */
    public static boolean tryInPlace(Pages pages, Verb verb, int tier, long from, long to) {
        long next = claimInPlace(pages, verb, tier, from, to);
        if (next < to) {
            release(pages, verb, from, next);
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
            Pages pages, Verb verb, long from, long to, Terms terms, PageHolders holders) {
        StackRoom.checkLong();
        Claim claim = new Claim(pages, verb, PageWord.HOME, from, to, terms, holders);
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
            release(pages, verb, outcomes.nextPage(), claim.next); // claimed, but not added yet
            release(pages, verb, outcomes.build());
            throw failure;
        }
    }

    /** Gives back what {@link #takePossible} claimed. Allocates nothing. */
    public static void release(Pages pages, Verb verb, PageOutcomes claimed) {
        long end = claimed.firstPage() + claimed.pageCount();
        for (long page = claimed.firstPage(); page < end; page++) {
            if (claimed.of(page) == PageOutcome.IN_PLACE) {
                release(pages, verb, page, page + 1);
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
    public static void release(Pages pages, Verb verb, long from, long to) {
        PageTable table = pages.table();
        if (from == to) {
            return;
        }
        long word;
        do {
            word = table.keptWord(from);
        } while (!table.tryCountDown(from, word, verb.shift()));
        if (from + 1 < to) {
            releaseAlike(table, verb, from + 1, to, word);
        }
    }

    /**
     * Goes on after a page that was given back: the next ones are taken to have the same word, as
     * in {@link #countAlike}. Apart, as there, because one page is most of what is pinned, and the
     * loop is most of the code.
     */
    private static void releaseAlike(
            PageTable table, Verb verb, long from, long to, long wordBefore) {
        long word = wordBefore;
        for (long page = from; page < to; ) {
            if (table.tryCountDown(page, word, verb.shift())) {
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
    private static long claimInPlace(Pages pages, Verb verb, int tier, long from, long to) {
        PageTable table = pages.table();
        long word;
        do {
            word = table.word(from);
            if (!pages.isInPlace(verb, tier, word)) {
                return from;
            }
        } while (!table.tryCountUp(from, word, verb.shift()));
        return from + 1 == to ? to : countAlike(pages, verb, tier, from + 1, to, word);
    }

    /**
     * Goes on after a page that was counted. Each page is taken to have the word of the one before,
     * which needs no second look: the compare-and-set tells whether it has.
     */
    private static long countAlike(
            Pages pages, Verb verb, int tier, long from, long to, long wordBefore) {
        PageTable table = pages.table();
        long word = wordBefore;
        for (long page = from; page < to; ) {
            if (table.tryKeptCountUp(page, word, verb.shift())) {
                page++;
                continue;
            }
            word = table.keptWord(page);
            if (!pages.isInPlace(verb, tier, word)) {
                return page;
            }
        }
        return to;
    }

    /**
     * Counts one page that is where it is needed; goes past a wanted page once this claim has given
     * way.
     */
    private boolean tryClaim(long page) {
        while (true) {
            long word = table.word(page);
            Verdict verdict = pages.verdict(verb, tier, word);
            if (verdict != Verdict.IN_PLACE && (verdict != Verdict.WANTED || givesWay)) {
                return false;
            }
            if (table.tryCountUp(page, word, verb.shift())) {
                return true;
            }
        }
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
                long word = table.word(next);
                Verdict verdict = pages.verdict(verb, tier, word);
                switch (verdict) {
                    case IN_PLACE -> {} // since the look above; again
                    case MOVE -> moveAndClaim();
                    case HOME_FIRST -> moveHome();
                    default -> {
                        if (wanted != next) {
                            unwant(wanted);
                            wanted = -1;
                        }
                        if (isKept(verdict) && verb != Verb.HOLD && patience.waitsForBusy()) {
                            table.want(next);
                            wanted = next;
                        }
                        awaitOrRefuse(word, verdict);
                    }
                }
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

    private static boolean isKept(Verdict verdict) {
        return verdict == Verdict.HELD || verdict == Verdict.PINNED || verdict == Verdict.ACCESSED;
    }

    private void awaitOrRefuse(long word, Verdict verdict) {
        boolean again = switch (verdict) {
            case WANTED -> {
                if (!patience.giveWay() || holders.ownKeeps(next)) {
                    givesWay = false;
                }
                yield true;
            }
            case MOVING -> patience.awaitMoving();
            case CLOSING -> !pages.isClosed() && patience.awaitMoving();
            case HELD, PINNED, ACCESSED, COUNT_FULL ->
                patience.waitsForBusy() && !holders.ownKeeps(next) && patience.awaitBusy();
            case LOSE -> {
                boolean ignored = table.tryLose(next, word);
                yield false;
            }
            default -> false;
        };
        if (!again) {
            refuse(next, next + 1, Failures.outcome(pages, verdict), null);
        } else if (Thread.currentThread().isInterrupted()) {
            refuse(next, next + 1, PageOutcome.INTERRUPTED, null);
        }
    }

    /** Brings the pages from the next one on home that are on the same device as it. */
    private void moveHome() {
        long end = endOnSameDevice(next);
        Move.home(pages, next, end)
                .failure()
                .ifPresent(failed -> refuse(next, end, Failures.outcome(failed), failed));
    }

    /** Setup, copy and finish of one batch that starts at the next page, which has to move. */
    private void moveAndClaim() {
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
        migration.publish(verb.one());
        next = page; // first: whatever comes of what is left behind, these pages are claimed
        migration.finish();
    }

    /**
     * {@return whether the batch has begun; if not, it was refused or the next look at the page
     * says why}
     */
    private boolean begin(Migration migration, long end) {
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
        return pages.verdict(verb, tier, word) == Verdict.MOVE
                && migration.accepts(word)
                && migration.tryLock(page, word);
    }

    /** Uncounts what a failed batch claimed in between and puts back what it locked. */
    private void giveBack(Migration migration, long end, Throwable failed) {
        for (long page = next; page < end; page++) {
            // Every page of the batch's range is either counted or owned by it, so a moving page is
            // its own.
            if (!PageWord.isMoving(table.word(page))) {
                release(pages, verb, page, page + 1);
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
            outcomes.add(1, page == refusedPage ? refusal : outcome(page));
        }
        return Failures.refusal(
                verb.text(),
                pages.bufferId(),
                refusedPage,
                refusal,
                this::namedHolders,
                outcomes.build(),
                cause);
    }

    private PageOutcome outcome(long page) {
        return Failures.outcome(pages, pages.verdict(verb, tier, table.word(page)));
    }

    private String namedHolders() {
        return switch (refusal) {
            case HELD, PINNED, ACCESSED -> holders.named(refusedPage);
            default -> "";
        };
    }
}
