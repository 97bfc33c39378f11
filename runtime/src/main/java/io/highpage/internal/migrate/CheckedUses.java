// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.outcome.OutcomeRuns;
import io.highpage.internal.outcome.RefusedPages;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.telemetry.RejectionEvent;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PageOutcomes;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Refusal;
import io.highpage.outcome.Terms;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The checked mode of one buffer: keeps holds, reads and writes of the CPU apart from accesses of
 * coherent devices to the same pages, unless both only read. Page words let them have the pages
 * together, since the CPU can touch that memory; a private device has no such page, and its words
 * keep both apart already. So a program that passes here is right on private devices too.
 *
 * <p>Beside the page protocol and before it: who uses pages enters first, then claims them, and
 * leaves when they are released. Under a lock, so that of two who come at the same time one is the
 * first. Thread-safe.
 */
public final class CheckedUses {
    private static final String WAY_OUT =
            "; -Dhighpage.checked=false, or checked(false) of Highpage.builder(), lets both have"
                    + " coherent memory";

    private final Pages pages;
    private final List<Use> open = new ArrayList<>();

    private record Use(long from, long to, boolean byKernels, boolean reads) {}

    /** Of the pages of a buffer, which nobody uses yet. */
    public CheckedUses(Pages pages) {
        this.pages = pages;
    }

    /**
     * Enters pages {@code from} to {@code to - 1}, or waits for who is in the way as long as the
     * terms say. {@return the terms with the time that is left}
     *
     * @param tier the accessing device, else {@link PageWord#HOME}
     * @throws PagesBusyException if it cannot have them
     */
    public Terms enter(Verb verb, int tier, long from, long to, Terms terms) {
        if (isApart(tier, from, to) || tryEnter(verb, from, to) < 0) {
            return terms;
        }
        long start = System.nanoTime();
        Patience patience = new Patience(terms, pages.counters());
        patience.begin();
        boolean entered = tryEnter(verb, tier, from, to, patience);
        assert entered : "suspended, with a thread that waits";
        if (terms.busyNanos() == 0) {
            return terms; // it was gone when looked at again; pages that move are waited for
        }
        long left = terms.busyNanos() - (System.nanoTime() - start);
        return terms.deadline(Duration.ofNanos(Math.max(0, left)));
    }

    /**
     * As {@link #enter}, of an operation that no thread waits in. {@return whether it has entered;
     * if not, it is suspended}
     *
     * @param patience its own
     */
    public boolean tryEnter(Verb verb, int tier, long from, long to, Patience patience) {
        if (isApart(tier, from, to)) {
            return true;
        }
        while (true) {
            long page = tryEnter(verb, from, to);
            if (page < 0) {
                return true;
            }
            boolean again = patience.waitsForBusy()
                    && !pages.holders().ownHolder(pages, page)
                    && patience.awaitBusy();
            if (!again || patience.isInterrupted()) {
                Refusal refused = refused(verb, from, to, page, again);
                RejectionEvent event = RejectionEvent.made();
                if (event != null) {
                    event.page = page;
                    event.reason = refused.reason().name();
                    pages.tellRefused(verb, tier, from, to, patience.terms(), event);
                }
                throw refused.toException();
            }
            if (patience.isSuspended()) {
                return false;
            }
        }
    }

    /** {@return the first page that somebody has on the other side; -1: they are entered} */
    private synchronized long tryEnter(Verb verb, long from, long to) {
        boolean byKernels = !verb.isHold();
        boolean reads = verb.leavesBoth();
        long page = Long.MAX_VALUE;
        for (Use use : open) {
            boolean apart = use.byKernels == byKernels || use.reads && reads;
            if (!apart && use.from < to && from < use.to) {
                page = Math.min(page, Math.max(from, use.from));
            }
        }
        if (page != Long.MAX_VALUE) {
            return page;
        }
        open.add(new Use(from, to, byKernels, reads));
        return -1;
    }

    /** Leaves what was entered. Allocates nothing, and waits for nobody who waits. */
    public void leave(Verb verb, int tier, long from, long to) {
        if (isApart(tier, from, to)) {
            return;
        }
        boolean byKernels = !verb.isHold();
        boolean reads = verb.leavesBoth();
        synchronized (this) {
            for (int i = open.size() - 1; i >= 0; i--) {
                Use use = open.get(i);
                if (use.from == from
                        && use.to == to
                        && use.byKernels == byKernels
                        && use.reads == reads) {
                    open.remove(i); // equal ones are as good
                    return;
                }
            }
        }
        assert false : "left, and not entered: pages " + from + " to " + to;
    }

    /** {@return whether nobody can be in the way but who the page words tell of} */
    private boolean isApart(int tier, long from, long to) {
        return from == to || tier != PageWord.HOME && !pages.device(tier).isCoherent();
    }

    private Refusal refused(Verb verb, long from, long to, long page, boolean interrupted) {
        PageOutcome reason = interrupted
                ? PageOutcome.INTERRUPTED
                : verb.isHold() ? PageOutcome.ACCESSED : PageOutcome.HELD;
        pages.counters().rejected(reason);
        PageOutcomes outcomes = new OutcomeRuns.Builder(from)
                .add(page - from, PageOutcome.NOT_TRIED)
                .add(1, reason)
                .add(to - page - 1, PageOutcome.NOT_TRIED)
                .build();
        String named = pages.holders().named(pages, page); // now: they may be gone when it is asked
        return new RefusedPages(
                page,
                reason,
                outcomes,
                null,
                () -> verb.text() + " of pages " + from + "-" + (to - 1) + " of buffer "
                        + pages.bufferId() + " failed: page " + page + " is "
                        + Failures.text(reason)
                        + (named.isEmpty() ? "" : " (" + named + ")") + ": "
                        + rule(verb) + WAY_OUT);
    }

    private static String rule(Verb verb) {
        if (!verb.isHold()) {
            return "the runtime is checked, so kernels do not get pages that the CPU is using, as"
                    + " on a private device, unless both only read: close the hold, or let the"
                    + " read or write end, first";
        }
        return "the runtime is checked, so the CPU does not "
                + (verb.leavesBoth()
                        ? "read pages that kernels may be writing"
                        : "write pages that kernels may be using")
                + ", as on a private device: close the access first, which waits for its kernels";
    }
}
