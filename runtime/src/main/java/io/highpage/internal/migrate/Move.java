// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.outcome.Moved;
import io.highpage.internal.outcome.OutcomeRuns;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.page.Verdict;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Terms;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * Moves what may move of a range and says why the rest did not. Waits for no page: one that is kept
 * or moving is skipped, as in Linux. Stops at the first batch that fails.
 */
public final class Move {
    /**
     * How long a move waits for device memory that another operation is getting: 0.1 s. So threads
     * that prefetch at the same time all get some, and a driver that does not answer keeps nobody.
     */
    private static final Terms BRIEFLY = Terms.defaults().deadline(Duration.ofMillis(100));

    private final Pages pages;
    private final PageTable table;
    private final Verb verb;
    private final int tier;
    private final long to;
    private final OutcomeRuns.Builder outcomes;
    private final Patience patience = new Patience(BRIEFLY);
    private HighpageException failure;

    private Move(Pages pages, Verb verb, int tier, long from, long to) {
        this.pages = pages;
        this.table = pages.table();
        this.verb = verb;
        this.tier = tier;
        this.to = to;
        this.outcomes = new OutcomeRuns.Builder(from);
    }

    /** Brings the device pages of {@code from} to {@code to - 1} home. */
    public static MoveReport home(Pages pages, long from, long to) {
        return new Move(pages, Verb.EVICT, PageWord.HOME, from, to).run();
    }

    /** Brings the host and absent pages of {@code from} to {@code to - 1} to a device. */
    public static MoveReport in(Pages pages, int tier, long from, long to) {
        return new Move(pages, Verb.PREFETCH, tier, from, to).run();
    }

    private MoveReport run() {
        StackRoom.checkLong();
        failure = pages.lost(tier);
        Migration migration = pages.migrations().take();
        try {
            while (outcomes.nextPage() < to && failure == null) {
                skipLeading();
                if (outcomes.nextPage() < to && begin(migration)) {
                    moveBatch(migration);
                }
            }
        } finally {
            pages.migrations().give(migration);
        }
        outcomes.add(to - outcomes.nextPage(), PageOutcome.NOT_TRIED);
        return new Moved(outcomes.build(), Optional.ofNullable(failure));
    }

    /**
     * Goes over pages that need nothing, so that a range which is in place costs no reservation.
     */
    private void skipLeading() {
        while (outcomes.nextPage() < to) {
            PageOutcome skipped = skip(outcomes.nextPage(), table.word(outcomes.nextPage()));
            if (skipped == null) {
                return;
            }
            outcomes.add(1, skipped);
        }
    }

    private long batchEnd() {
        return Math.min(to, outcomes.nextPage() + pages.batchPages());
    }

    private boolean begin(Migration migration) {
        long pagesMax = batchEnd() - outcomes.nextPage();
        try {
            return migration.begin(
                    pages,
                    tier,
                    outcomes.nextPage(),
                    pagesMax,
                    patience::awaitMoving); // if not, the next look at the page says why
        } catch (HighpageException refused) {
            failure = refused;
            outcomes.add(pagesMax, Failures.outcome(refused));
            return false;
        }
    }

    private void moveBatch(Migration migration) {
        byte[] found;
        int count;
        PageOutcome moved;
        try {
            found = migration.outcomes(batchEnd() - outcomes.nextPage());
            count = lockBatch(migration, found);
            migration.endSetup();
            moved = migration.isEmpty() ? PageOutcome.IN_PLACE : copy(migration);
        } catch (RuntimeException | Error failed) {
            migration.putBack(failed);
            throw failed;
        }
        if (moved == PageOutcome.MOVED) {
            migration.publish(0);
            migration.finish();
        }
        addOutcomes(migration, found, count, moved);
    }

    private void addOutcomes(Migration migration, byte[] found, int count, PageOutcome moved) {
        if (migration.lockedPages() == count) {
            outcomes.add(count, moved);
            return;
        }
        for (int i = 0; i < count; i++) {
            PageOutcome outcome = OutcomeRuns.outcome(found[i]);
            outcomes.add(1, outcome == PageOutcome.MOVED ? moved : outcome);
        }
    }

    /**
     * Setup. {@return how many pages have been looked at; what was found of each is in
     * {@code found}}
     */
    private int lockBatch(Migration migration, byte[] found) {
        long end = batchEnd();
        int count = 0;
        long page = outcomes.nextPage();
        while (page < end && !migration.isFull()) {
            long next = migration.lockAlike(page, end);
            if (next > page) {
                Arrays.fill(found, count, count + (int) (next - page), (byte)
                        PageOutcome.MOVED.ordinal());
                count += (int) (next - page);
                page = next;
                continue;
            }
            PageOutcome outcome = lockOrSkip(migration, page);
            if (outcome == null) {
                break;
            }
            found[count++] = (byte) outcome.ordinal();
            page++;
        }
        return count;
    }

    /** {@return MOVED if the page is locked, else why not; null if it belongs in another batch} */
    private PageOutcome lockOrSkip(Migration migration, long page) {
        while (true) {
            long word = table.word(page);
            PageOutcome skipped = skip(page, word);
            if (skipped != null) {
                return skipped;
            }
            if (!migration.accepts(word)) {
                return null;
            }
            if (migration.tryLock(page, word)) {
                return PageOutcome.MOVED;
            }
        }
    }

    /** {@return what became of the locked pages} */
    private PageOutcome copy(Migration migration) {
        try {
            migration.copy();
        } catch (HighpageException failed) {
            failure = failed;
            migration.putBack(failed);
            return Failures.outcome(failed);
        }
        return PageOutcome.MOVED;
    }

    /** {@return why a page needs or gets no move, or null if it may move} */
    private PageOutcome skip(long page, long word) {
        Verdict verdict = pages.verdict(verb, tier, word);
        if (verdict == Verdict.LOSE) {
            boolean ignored = table.tryLose(page, word);
        }
        return verdict == Verdict.MOVE ? null : Failures.outcome(pages, verdict);
    }
}
