// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.outcome.Moved;
import io.highpage.internal.outcome.OutcomeRuns;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.page.Verdict;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Moves what may move of a range and says why the rest did not. Waits for no page: one that is kept
 * or moving is skipped, as in Linux. Stops at the first batch that fails.
 */
public final class Move extends Operation {
    /**
     * How long a move waits for device memory that another operation is getting: 0.1 s. So threads
     * that prefetch at the same time all get some, and a driver that does not answer keeps nobody.
     */
    private static final Terms BRIEFLY = Terms.defaults().deadline(Duration.ofMillis(100));

    private static final byte MOVED = (byte) PageOutcome.MOVED.ordinal();

    private final OutcomeRuns.Builder outcomes;
    private String reason;
    private final Patience patience;

    /** Of each page of a batch, the first at 0: MOVED, or why it was skipped. */
    private final byte[] found;

    private boolean skipped; // a page of the batch was
    private @Nullable HighpageException failure;

    private Move(Pages pages, Verb verb, int tier, long from, long to) {
        this(pages, verb, tier, from, to, new Patience(BRIEFLY, pages.counters()));
    }

    private Move(Pages pages, Verb verb, int tier, long from, long to, Patience patience) {
        super(pages, verb, tier, from, to);
        this.reason = verb.text();
        this.patience = patience;
        this.outcomes = new OutcomeRuns.Builder(from);
        this.found = new byte[(int) Math.min(to - from, pages.batchPages())];
        Arrays.fill(found, MOVED);
    }

    /** Brings the device pages of {@code from} to {@code to - 1} home. */
    public static MoveReport home(Pages pages, long from, long to) {
        return new Move(pages, Verb.EVICT, PageWord.HOME, from, to).report();
    }

    /** As that one, for another operation, which wants it. */
    static MoveReport home(Pages pages, long from, long to, String reason) {
        Move move = new Move(pages, Verb.EVICT, PageWord.HOME, from, to);
        move.reason = reason;
        return move.report();
    }

    /** Brings the host and absent pages of {@code from} to {@code to - 1} to a device. */
    public static MoveReport in(Pages pages, int tier, long from, long to) {
        return new Move(pages, Verb.PREFETCH, tier, from, to).report();
    }

    /**
     * Makes the pages of {@code from} to {@code to - 1} clean that are on a device alone: they are
     * valid at home too.
     */
    static MoveReport clean(Pages pages, long from, long to) {
        return new Move(pages, Verb.CLEAN, PageWord.HOME, from, to).report();
    }

    /** Brings the host pages of {@code from} to {@code to - 1} to a device that has room. */
    static MoveReport back(Pages pages, int tier, long from, long to) {
        return new Move(pages, Verb.GO_BACK, tier, from, to).report();
    }

    /**
     * {@return the patience of a move that no thread waits in}
     *
     * @param ended whether nobody wants it any more
     */
    public static Patience suspending(Pages pages, BooleanSupplier ended) {
        return Patience.suspending(BRIEFLY, pages.counters(), ended);
    }

    /** {@return a move home that no thread waits in: {@link #goOn} does it} */
    public static Move suspendingHome(Pages pages, long from, long to, Patience patience) {
        return new Move(pages, Verb.EVICT, PageWord.HOME, from, to, patience);
    }

    /** {@return a move to a device that no thread waits in: {@link #goOn} does it} */
    public static Move suspendingIn(Pages pages, int tier, long from, long to, Patience patience) {
        return new Move(pages, Verb.PREFETCH, tier, from, to, patience);
    }

    @Override
    String reason() {
        return reason;
    }

    /**
     * Moves on. Confined to one thread at a time.
     *
     * @return what moved and why the rest did not; null if it would have to wait, or nobody wants
     *     it any more: nothing is kept then, and it can go on later
     */
    public @Nullable MoveReport goOn() {
        patience.resume();
        goOnUntilItWaits();
        return isSuspended() ? null : outcome();
    }

    private MoveReport report() {
        goOnUntilItWaits();
        return outcome();
    }

    private void goOnUntilItWaits() {
        StackRoom.checkLong();
        failure = pages.isLost(tier) ? Failures.lost(pages.device(tier)) : null;
        run();
    }

    private MoveReport outcome() {
        outcomes.add(to - next, PageOutcome.NOT_TRIED);
        return new Moved(outcomes.build(), Optional.ofNullable(failure));
    }

    @Override
    boolean isOver() {
        return failure != null;
    }

    @Override
    boolean isSuspended() {
        return patience.isSuspended();
    }

    @Override
    void meet(long word, Verdict verdict) {
        lose(next, word, verdict);
        outcomes.add(1, Failures.outcome(pages, verdict));
        next++;
    }

    @Override
    void beginBatch() {
        if (skipped) { // by an attempt that found no room
            Arrays.fill(found, MOVED);
            skipped = false;
        }
    }

    @Override
    boolean meetInBatch(long page, long word, Verdict verdict) {
        if (verdict == Verdict.DROP || verdict == Verdict.HOME_FIRST) {
            return false; // it moves on its own: a batch may fail, and that has happened then
        }
        lose(page, word, verdict);
        found[(int) (page - next)] = (byte) Failures.outcome(pages, verdict).ordinal();
        skipped = true;
        return true;
    }

    @Override
    void moved() {
        // At once: else what follows would have it leave again.
        if (verb == Verb.PREFETCH && next > outcomes.nextPage()) {
            pages.deviceWindow(tier, next - 1).announce();
        }
        add(PageOutcome.MOVED);
    }

    @Override
    void failed(long page, long end, HighpageException failed) {
        failure = failed;
        next = end;
        add(Failures.outcome(failed));
    }

    /**
     * Adds what became of a batch, the pages up to {@code next}: this, if they were not skipped.
     */
    private void add(PageOutcome outcome) {
        int count = (int) (next - outcomes.nextPage());
        if (!skipped) {
            outcomes.add(count, outcome);
            return;
        }
        for (int i = 0; i < count; i++) {
            outcomes.add(1, found[i] == MOVED ? outcome : OutcomeRuns.outcome(found[i]));
            found[i] = MOVED;
        }
        skipped = false;
    }

    @Override
    boolean awaitOthers() {
        if (verb.isInBackground()) {
            return false;
        }
        waits(ROOM);
        return rested(patience.awaitMoving()) && !isSuspended();
    }

    @Override
    boolean hasTime() {
        return !isSuspended();
    }

    /** A move waits for nobody who keeps pages. */
    @Override
    boolean awaitRoom(InTheWay way) {
        if (!way.passes()) {
            return false;
        }
        waits(ROOM);
        return rested(patience.awaitMoving());
    }
}
