// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.outcome.OutcomeRuns;
import io.highpage.internal.outcome.RefusedPages;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.page.Verdict;
import io.highpage.internal.telemetry.RejectionEvent;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PageOutcomes;
import io.highpage.outcome.Refusal;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

/**
 * Takes one count on every page of a range, and brings each page to where the count needs it first.
 *
 * <p>Pages in place are counted first, without an object, by {@link #claimInPlace}: a look and a
 * compare-and-set each, which fails if the word has changed since the look. From the first page on
 * that is not in place the loop of {@link Operation} goes on: it moves in batches what has to move,
 * and the store that publishes a page in its new place counts it too. So there is no moment at
 * which a page has arrived and could leave again before it is counted.
 *
 * <p>What is claimed is always a prefix of the range, the pages before {@code next}: whatever
 * fails, that prefix is given back and nothing else. A page that cannot be had is waited for, as
 * long as the terms say, and then ends the claim. While it waits, a claim owns no page, and keeps
 * its prefix counted; two that wait for each other both end at their deadlines. Whoever may wait,
 * and is not a hold, marks the page as wanted meanwhile, and holds give way to it for a moment: a
 * stream of them cannot starve it.
 */
public final class Claim extends Operation {
    private final long from;
    private final Patience patience;
    private boolean givesWay = true;

    private long wanted = -1; // the page that is marked as wanted, or -1

    private @Nullable Obstacle obstacle; // why the run ended early, if it did

    private @Nullable Overwriter overwriter; // of an access that overwrites the range

    /**
     * Why pages cannot be had.
     *
     * @param page the first of them
     * @param end those up to here are not claimed
     * @param reason what is in the way
     * @param failure the failed step, if that is why
     */
    private record Obstacle(
            long page,
            long end,
            PageOutcome reason,
            @Nullable HighpageException failure) {}

    private Claim(Pages pages, Verb verb, int tier, long from, long to, Patience patience) {
        super(pages, verb, tier, from, to);
        this.from = from;
        this.patience = patience;
    }

    /**
     * Claims pages {@code from} to {@code to - 1}.
     *
     * @param tier the accessing device, else {@link PageWord#HOME}
     * @throws HighpageException if a page cannot be had; nothing is claimed then
     * @throws IllegalStateException if the buffer is closed
     */
    public static void take(Pages pages, Verb verb, int tier, long from, long to, Terms terms) {
        Refusal refused = tryTake(pages, verb, tier, from, to, terms);
        if (refused != null) {
            throw refused.toException();
        }
    }

    /**
     * Claims pages {@code from} to {@code to - 1} for an access that overwrites the range. As
     * {@link #take} otherwise.
     *
     * @param overwriter opens the access, if what it overwrites can be left where it is; else it is
     *     not called
     */
    public static void takeToOverwrite(
            Pages pages, int tier, long from, long to, Terms terms, Overwriter overwriter) {
        Verb verb = Verb.access(AccessMode.WRITE);
        if (tryInPlace(pages, verb, tier, from, to)) {
            return;
        }
        StackRoom.checkLong();
        Claim claim = new Claim(pages, verb, tier, from, to, new Patience(terms, pages.counters()));
        claim.overwriter = overwriter;
        Refusal refused = claim.takeRest();
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
    public static @Nullable Refusal tryTake(
            Pages pages, Verb verb, int tier, long from, long to, Terms terms) {
        long next = claimInPlace(pages, verb, tier, from, to); // on a lost device none is
        if (next == to) {
            return null;
        }
        Claim claim;
        try {
            StackRoom.checkLong();
            claim = new Claim(pages, verb, tier, from, to, new Patience(terms, pages.counters()));
        } catch (RuntimeException | Error failure) {
            release(pages, verb, from, next);
            throw failure;
        }
        claim.next = next;
        return claim.takeRest();
    }

    /** Goes on to the end of the range, or gives back what comes before {@code next}. */
    private @Nullable Refusal takeRest() {
        Refusal refused;
        try {
            if (pages.isLost(tier)) {
                throw lost();
            }
            Obstacle found = claim();
            assert found != null || next == to : "ended at page " + next;
            refused = found == null ? null : refused(found);
        } catch (RuntimeException | Error failure) {
            release(pages, verb, from, next);
            tellRefused(failure, next);
            throw failure;
        }
        if (refused != null) {
            release(pages, verb, from, next);
            tellRefused(null, next);
        }
        return refused;
    }

    /**
     * Tells that nothing is claimed, because of the page in the way, if there is one.
     *
     * @param failure what was thrown, or null
     * @param at the page that it was thrown at
     */
    private void tellRefused(@Nullable Throwable failure, long at) {
        Obstacle found = obstacle;
        if (failure != null && !(failure instanceof HighpageException)) {
            return; // it was not refused: the buffer is closed, or the JVM at its end
        }
        RejectionEvent event = RejectionEvent.made();
        if (event == null) {
            return;
        }
        if (found != null) {
            event.page = found.page();
            event.reason = found.reason().name();
        } else if (failure instanceof HighpageException failed) {
            event.page = at;
            event.reason = Failures.outcome(failed).name();
        }
        pages.tellRefused(verb, tier, from, to, patience.terms(), event);
    }

    /**
     * {@return a claim that no thread waits in: {@link #goOn} tells when it would have to. Nothing
     * is claimed yet} Confined to one thread at a time.
     *
     * @param patience a suspending one
     */
    public static Claim suspending(
            Pages pages, Verb verb, int tier, long from, long to, Patience patience) {
        return new Claim(pages, verb, tier, from, to, patience);
    }

    /** As {@link #suspending}, for an access that overwrites the range. */
    public static Claim suspendingToOverwrite(
            Pages pages, int tier, long from, long to, Patience patience, Overwriter overwriter) {
        Claim claim = new Claim(pages, Verb.access(AccessMode.WRITE), tier, from, to, patience);
        claim.overwriter = overwriter;
        return claim;
    }

    /**
     * Claims on until all is claimed, or it would have to wait: what is claimed by then stays so,
     * and the page in the way marked as wanted, as while a thread waits.
     *
     * @return whether all is claimed; if not, go on later, or {@link #abandon} it
     * @throws HighpageException if a page cannot be had; nothing is claimed then
     * @throws IllegalStateException if the buffer is closed
     */
    public boolean goOn() {
        try {
            StackRoom.checkLong();
            patience.resume();
            if (next == from) {
                begin();
            }
            if (next < to && pages.isLost(tier)) {
                throw lost();
            }
            run();
            Obstacle found = obstacle;
            if (found != null) {
                throw refused(found).toException();
            }
            if (next < to) {
                return false;
            }
        } catch (RuntimeException | Error failure) {
            long at = next; // giving up goes back to the first
            abandon();
            tellRefused(failure, at);
            throw failure;
        }
        unwant();
        return true;
    }

    private void begin() {
        if (overwriter == null) {
            next = claimInPlace(pages, verb, tier, from, to);
        } else if (tryInPlace(pages, verb, tier, from, to)) {
            next = to;
        }
    }

    /** Gives back what a claim has that is not to go on. Needs no memory; may be repeated. */
    public void abandon() {
        long end = next;
        next = from;
        try {
            unwant();
        } catch (IllegalStateException closed) {
            // The mark has gone with the buffer, which closes only if nothing is claimed.
        } finally {
            release(pages, verb, from, end);
        }
        stopsWaiting();
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
            Pages pages, Verb verb, long from, long to, Terms terms) {
        StackRoom.checkLong();
        Claim claim = new Claim(
                pages, verb, PageWord.HOME, from, to, new Patience(terms, pages.counters()));
        OutcomeRuns.Builder outcomes = new OutcomeRuns.Builder(from);
        boolean refused = false;
        try {
            while (claim.next < to) {
                Obstacle found = claim.claim();
                outcomes.add(claim.next - outcomes.nextPage(), PageOutcome.IN_PLACE);
                if (found != null) {
                    if (!refused && found.reason() != PageOutcome.CLOSED) {
                        refused = true; // of many pages the first tells of all
                        claim.tellRefused(null, claim.next);
                    }
                    claim.skipRefused(found, outcomes);
                }
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
    private void skipRefused(Obstacle found, OutcomeRuns.Builder outcomes) {
        if (found.reason() == PageOutcome.CLOSED) {
            throw Failures.closed(pages.bufferId());
        }
        while (next < found.end()) {
            if (tryClaim(next)) {
                next++;
                outcomes.add(1, PageOutcome.IN_PLACE);
            } else {
                outcomes.add(1, found.reason());
                next++;
            }
        }
        obstacle = null;
    }

    /** Gives the counts of pages {@code from} to {@code to - 1} back. */
    public static void release(Pages pages, Verb verb, long from, long to) {
        PageTable table = pages.table();
        if (from == to) {
            return;
        }
        long word;
        do {
            word = table.mappedWord(from);
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
                word = table.mappedWord(page);
            }
        }
    }

    /**
     * The fast path: counts pages that are where they are needed. {@return the first page that is
     * not}
     */
    private static long claimInPlace(Pages pages, Verb verb, int tier, long from, long to) {
        if (from == to) {
            return to; // an empty range, which may lie behind the last page
        }
        PageTable table = pages.table();
        long word;
        do {
            word = table.word(from);
            if (!pages.isInPlace(verb, tier, word)) {
                return from;
            }
        } while (!table.tryCount(from, word, verb));
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
            if (table.tryMappedCount(page, word, verb)) {
                page++;
                continue;
            }
            word = table.mappedWord(page);
            if (!pages.isInPlace(verb, tier, word)) {
                return page;
            }
        }
        return to;
    }

    /** {@return whether the page may be counted: a wanted one once this claim has given way} */
    private boolean isMine(Verdict verdict) {
        return verdict == Verdict.IN_PLACE || verdict == Verdict.WANTED && !givesWay;
    }

    /** Counts one page that is where it is needed. */
    private boolean tryClaim(long page) {
        while (true) {
            long word = table.word(page);
            if (!isMine(verdict(word))) {
                return false;
            }
            if (table.tryCount(page, word, verb)) {
                return true;
            }
        }
    }

    /** Claims on. {@return what was in the way, or null: all are claimed} */
    private @Nullable Obstacle claim() {
        try {
            run();
        } finally {
            unwant();
        }
        return obstacle;
    }

    @Override
    boolean isOver() {
        return obstacle != null;
    }

    @Override
    boolean isSuspended() {
        return patience.isSuspended();
    }

    @Override
    void meet(long word, Verdict verdict) {
        if (isMine(verdict)) {
            if (table.tryCount(next, word, verb)) {
                next++;
            }
            return;
        }
        if (wanted != next) {
            unwant();
        }
        if (hasHolders(verdict) && !verb.isHold() && patience.waitsForBusy()) {
            table.want(next);
            wanted = next;
        }
        awaitOrRefuse(word, verdict);
    }

    @Override
    boolean meetInBatch(long page, long word, Verdict verdict) {
        return isMine(verdict) && table.tryCount(page, word, verb);
    }

    @Override
    void carry(Migration migration, long end) {
        Overwriter last = end == to ? overwriter : null;
        if (last != null) {
            migration.overwrite(last.firstWhole(), last.endWhole());
            super.carry(migration, end);
            last.open();
        } else {
            super.carry(migration, end);
        }
    }

    @Override
    void moved() {
        // They are counted, and next says so.
    }

    @Override
    void failed(long page, long end, HighpageException failure) {
        obstacle = new Obstacle(page, end, Failures.outcome(failure), failure);
    }

    @Override
    boolean awaitOthers() {
        if (patience.isInterrupted()) {
            return false;
        }
        waits(ROOM);
        return rested(patience.awaitMoving()) && !isSuspended();
    }

    @Override
    boolean hasTime() {
        return patience.hasTime() && !isSuspended();
    }

    @Override
    boolean awaitRoom(InTheWay way) {
        waits(ROOM);
        boolean again = rested(
                way.passes()
                        ? patience.awaitMoving()
                        : patience.waitsForBusy() && way.mayLeave() && patience.awaitBusy());
        if (again && patience.isInterrupted()) {
            refuse(PageOutcome.INTERRUPTED);
        }
        return again;
    }

    /** Ends the run at page {@code next}. */
    private void refuse(PageOutcome reason) {
        obstacle = new Obstacle(next, next + 1, reason, null);
    }

    private void unwant() {
        if (wanted >= 0 && !pages.isClosed()) {
            table.unwant(wanted);
        }
        wanted = -1;
    }

    private static boolean hasHolders(Verdict verdict) {
        return verdict == Verdict.HELD || verdict == Verdict.PINNED || verdict == Verdict.ACCESSED;
    }

    private void awaitOrRefuse(long word, Verdict verdict) {
        waits(verdict.name());
        boolean again = switch (verdict) {
            case WANTED -> {
                if (!patience.giveWay() || pages.holders().ownHolder(pages, next)) {
                    givesWay = false;
                }
                yield true;
            }
            case MOVING -> patience.awaitMoving();
            case CLOSING -> !pages.isClosed() && patience.awaitMoving();
            case HELD, PINNED, ACCESSED, COUNT_FULL ->
                patience.waitsForBusy()
                        && !pages.holders().ownHolder(pages, next)
                        && patience.awaitBusy();
            default -> false;
        };
        if (!rested(again)) {
            lose(next, word, verdict);
            refuse(Failures.outcome(pages, verdict));
        } else if (patience.isInterrupted()) {
            refuse(PageOutcome.INTERRUPTED);
        }
    }

    /** {@return the refusal of what needs a device that is lost} */
    private DeviceLostException lost() {
        pages.counters().rejected(PageOutcome.DEVICE_LOST);
        return Failures.lost(pages.device(tier));
    }

    /** {@return the refusal, with the reason of every page of the range} */
    private Refusal refused(Obstacle found) {
        if (found.reason() == PageOutcome.CLOSED) {
            throw Failures.closed(pages.bufferId());
        }
        pages.counters().rejected(found.reason());
        OutcomeRuns.Builder outcomes = new OutcomeRuns.Builder(from);
        for (long page = from; page < to; page++) {
            outcomes.add(1, page == found.page() ? found.reason() : outcome(page));
        }
        PageOutcomes all = outcomes.build();
        return new RefusedPages(
                found.page(), found.reason(), all, found.failure(), () -> inWords(found, all));
    }

    private String inWords(Obstacle found, PageOutcomes all) {
        String named = namedHolders(found);
        HighpageException failure = found.failure();
        return verb.text() + " of pages " + from + "-" + (to - 1) + " of buffer " + pages.bufferId()
                + " failed: page " + found.page() + " is " + Failures.text(found.reason())
                + (named.isEmpty() ? "" : " (" + named + ")")
                + (failure == null ? "" : ": " + failure.getMessage()) + "; by page: " + all;
    }

    private PageOutcome outcome(long page) {
        return Failures.outcome(pages, verdict(table.word(page)));
    }

    private String namedHolders(Obstacle found) {
        return switch (found.reason()) {
            case HELD, PINNED, ACCESSED ->
                withHint(found.reason(), pages.holders().named(pages, found.page()));
            default -> "";
        };
    }

    /**
     * Adds what a reader can do about a reader on the other side: counts there do not tell it from
     * a writer.
     */
    private String withHint(PageOutcome reason, String named) {
        boolean apart = verb == Verb.READ_ACCESS && reason == PageOutcome.PINNED
                || (verb == Verb.READ_PIN || verb == Verb.READ_HOLD)
                        && reason == PageOutcome.ACCESSED;
        if (!apart) {
            return named;
        }
        return named + (named.isEmpty() ? "" : "; ")
                + "readers at home and on a device have a page together if a prefetch brought it"
                + " there before";
    }
}
