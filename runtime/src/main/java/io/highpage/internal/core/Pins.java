// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.internal.close.Turn;
import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.memory.PageLocks;
import io.highpage.internal.memory.StillBusy;
import io.highpage.internal.migrate.Claim;
import io.highpage.internal.migrate.Failures;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.migrate.Patience;
import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.telemetry.PinEvent;
import io.highpage.internal.telemetry.RejectionEvent;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PageOutcomes;
import io.highpage.outcome.Refusal;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;
import io.highpage.outcome.Verification.Verdict;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The long-term pins of one buffer: how they are counted, page-locked, looked after and given back.
 * Arguments have been checked. Thread-safe.
 */
final class Pins {
    private final ManagedBuffer buffer;
    private final Pages pages;
    private final PageTable table;
    private final PageLocks locks;

    Pins(ManagedBuffer buffer, Pages pages) {
        this.buffer = buffer;
        this.pages = pages;
        this.table = pages.table();
        this.locks = pages.home().locks();
    }

    Pin take(Terms terms, ManagedRange range) {
        PinEvent event = PinEvent.begun();
        checkLocks(terms, range);
        boolean whole = tryWhole(range);
        if (!whole) {
            buffer.claim(Verb.pin(terms.mode()), PageWord.HOME, range, terms);
        }
        return LongTermPin.told(event, openOrRelease(terms, range, whole, null));
    }

    PinAttempt attempt(Terms terms, ManagedRange range) {
        PinEvent event = PinEvent.begun();
        try {
            checkLocks(terms, range);
            boolean whole = tryWhole(range);
            Refusal refused = whole
                    ? null
                    : buffer.tryClaim(Verb.pin(terms.mode()), PageWord.HOME, range, terms);
            return refused == null
                    ? new PinAttempt.Pinned(
                            LongTermPin.told(event, openOrRelease(terms, range, whole, null)))
                    : new PinAttempt.Refused(refused);
        } catch (HighpageException failed) {
            return new PinAttempt.Refused(Failures.refusal(range.firstPage(), failed));
        }
    }

    /** Asks whether page-locks can succeed, before anything comes home in vain. */
    void checkLocks(Terms terms, ManagedRange range) {
        if (isLocking(terms)) {
            StackRoom.checkLong();
            try {
                locks.check(range.inWindow());
            } catch (HighpageException refused) {
                refused(terms, range, refused);
                throw refused;
            }
        }
    }

    /** Counts and tells that page-locks were refused. */
    private void refused(Terms terms, ManagedRange range, HighpageException refused) {
        pages.counters().rejected(refused);
        RejectionEvent event = RejectionEvent.made();
        if (event != null) {
            event.page = range.firstPage();
            event.reason = Failures.outcome(refused).name();
            Verb verb = Verb.pin(terms.mode());
            long first = range.firstPage();
            pages.tellRefused(verb, PageWord.HOME, first, range.endPage(), terms, event);
        }
    }

    /**
     * {@return the pin of what has been counted; if that fails, nothing is any more}
     *
     * @param patience of an operation that no thread waits in; null if the calling one does
     */
    LongTermPin openOrRelease(
            Terms terms, ManagedRange range, boolean whole, @Nullable Patience patience) {
        HolderSlot slot = HolderSlot.unlisted(whole); // until it has one
        try {
            slot = buffer.list(LongTermPin.KIND, range, terms, whole);
            return open(terms, range, slot, patience);
        } catch (RuntimeException | Error failure) {
            if (whole) {
                releaseWhole();
            } else {
                range.release(Verb.PIN);
            }
            slot.leave();
            if (patience == null || !patience.isSuspended()) {
                buffer.unpinned(range); // what has come home for it may go back
                if (failure instanceof HighpageException refused) {
                    refused(terms, range, refused);
                }
            }
            throw failure;
        }
    }

    boolean tryWhole(ManagedRange range) {
        try {
            return range.byteSize() == buffer.byteSize() && table.tryPinWhole();
        } catch (IllegalStateException race) {
            throw buffer.translated(race);
        }
    }

    /**
     * Makes the pin of what has been counted and listed. Page-locks last: counts and slot can be
     * given back whatever happens.
     */
    private LongTermPin open(
            Terms terms, ManagedRange range, HolderSlot slot, @Nullable Patience patience) {
        LongTermPin pin = LongTermPin.of(range, terms, slot);
        pin.opened();
        if (isLocking(terms)) {
            try {
                pageLock(
                        List.of(range.inWindow()),
                        patience == null ? Turn.atMost(terms.movingNanos()) : patience.once(),
                        range);
            } catch (Throwable failure) {
                Watch.closed(pin); // nobody will have it
                throw failure;
            }
        }
        return pin;
    }

    /** Waits for others that page-lock pages of the buffer, as for pages that move. */
    private void pageLock(List<PageLocks.Range> ranges, BooleanSupplier waits, ManagedRange range) {
        try {
            locks.lock(ranges, waits);
        } catch (StillBusy busy) {
            throw Failures.stillBusy(buffer.id(), range.firstPage(), busy);
        }
    }

    private static boolean isLocking(Terms terms) {
        return terms.strength() == Strength.PAGE_LOCKED;
    }

    PartialPin takePossible(Terms terms, ManagedRange range) {
        PinEvent event = PinEvent.begun();
        Pieces pieces = new Pieces(terms, range, event);
        PageOutcomes claimed = buffer.claimPossible(Verb.pin(terms.mode()), range, terms);
        try {
            claimed.forEachRun(pieces);
            PinnedParts parts = new PinnedParts(pieces.pins, claimed);
            if (isLocking(terms) && !pieces.pins.isEmpty()) {
                pageLock(pieces.locked(), Turn.atMost(terms.movingNanos()), range);
            }
            pieces.tell();
            return parts;
        } catch (RuntimeException | Error failure) {
            pieces.forget();
            long end = claimed.firstPage() + claimed.pageCount();
            for (long page = claimed.firstPage(); page < end; page++) {
                if (claimed.of(page) == PageOutcome.IN_PLACE) {
                    Claim.release(pages, Verb.PIN, page, page + 1);
                }
            }
            buffer.unpinned(range);
            if (failure instanceof HighpageException refused) {
                refused(terms, range, refused);
            }
            throw failure;
        }
    }

    /**
     * The pins of a partial pin. They are page-locked together, when all else is done: nothing
     * takes that back without memory, as it would have to if a later pin failed for want of it.
     */
    private final class Pieces implements PageOutcomes.RunConsumer {
        private final Terms terms;
        private final ManagedRange range;
        private final ArrayList<Pin> pins = new ArrayList<>();

        /** Of each, if somebody records: that of the first began with the operation. */
        private final ArrayList<@Nullable PinEvent> events = new ArrayList<>();

        Pieces(Terms terms, ManagedRange range, @Nullable PinEvent first) {
            this.terms = terms;
            this.range = range;
            if (first != null) {
                events.add(first);
            }
        }

        @Override
        public void accept(long first, long count, PageOutcome outcome) {
            if (outcome != PageOutcome.IN_PLACE) {
                return;
            }
            if (events.size() == pins.size() && !pins.isEmpty()) {
                events.add(PinEvent.begun());
            }
            ManagedRange piece = range.part(
                    Math.max(range.offset(), first * buffer.pageBytes()),
                    Math.min(range.end(), (first + count) * buffer.pageBytes()));
            pins.ensureCapacity(pins.size() + 1); // a listed pin that nobody has would stay so
            HolderSlot slot = HolderSlot.unlisted(false); // until it has one
            try {
                slot = buffer.list(LongTermPin.KIND, piece, terms, false);
                LongTermPin pin = LongTermPin.of(piece, terms, slot);
                pin.opened();
                pins.add(pin);
            } catch (RuntimeException | Error failure) {
                slot.leave();
                throw failure;
            }
        }

        List<PageLocks.Range> locked() {
            return pins.stream()
                    .map(pin -> ((LongTermPin) pin).range.inWindow())
                    .toList();
        }

        void tell() {
            for (int i = 0; i < Math.min(pins.size(), events.size()); i++) {
                LongTermPin.told(events.get(i), (LongTermPin) pins.get(i));
            }
        }

        /** Nobody will have them. Throws nothing. */
        void forget() {
            for (int i = 0; i < pins.size(); i++) {
                ((LongTermPin) pins.get(i)).forget();
            }
        }
    }

    /** Gives back what the buffer word counts. Allocates nothing. */
    void releaseWhole() {
        table.unpinWhole();
    }

    /** Takes a pin's page-locks back; may fail, and can be repeated then. */
    void unlock(ManagedRange range) {
        locks.unlock(range.inWindow());
    }

    long pageLockedBytes() {
        return locks.lockedBytes();
    }

    /**
     * {@return whether the page table counts a pin on every page of a range, and the kernel a
     * page-lock if asked for}
     */
    Verification verify(Terms terms, ManagedRange range) {
        Verification counted = verifyCounted(terms, range);
        return isLocking(terms) && range.byteSize() > 0
                ? counted.and(pages.home().verifyLocked(range.offset(), range.byteSize()))
                : counted;
    }

    private Verification verifyCounted(Terms terms, ManagedRange range) {
        boolean reads = terms.mode() == AccessMode.READ;
        boolean whole = BufferWord.wholePins(table.bufferWord()) > 0;
        for (long page = range.firstPage(); page < range.endPage(); page++) {
            long word = table.word(page);
            // Beside a device's only under readers.
            boolean home = reads ? PageWord.isAtHome(word) : PageWord.state(word) == PageWord.HOST;
            if (!home || PageWord.pins(word) == 0 && !whole) {
                return Verification.of(
                        Verdict.REFUTED,
                        "page table: page " + page + " is " + PageWord.describe(word));
            }
        }
        return Verification.of(
                Verdict.CONFIRMED,
                "page table: " + range.pageCount() + " pages from page " + range.firstPage()
                        + " are home and pinned");
    }
}
