// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.PageOutcome;
import io.highpage.PageOutcomes;
import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.Strength;
import io.highpage.Terms;
import io.highpage.Verification;
import io.highpage.Verification.Verdict;
import io.highpage.internal.close.Turn;
import io.highpage.internal.memory.HostMemory;
import io.highpage.internal.memory.PageLocks;
import io.highpage.internal.memory.StillBusy;
import io.highpage.internal.migrate.Claim;
import io.highpage.internal.migrate.Failures;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import java.util.ArrayList;
import java.util.List;

/**
 * The long-term pins of one buffer: how they are counted, page-locked, looked after and given back. Arguments have been
 * checked. Thread-safe.
 */
final class Pins {
    private final ManagedBuffer buffer;
    private final Pages pages;
    private final PageTable table;
    private final HostMemory memory;
    private final PageLocks locks;

    Pins(ManagedBuffer buffer, Pages pages, HostMemory memory) {
        this.buffer = buffer;
        this.pages = pages;
        this.table = pages.table();
        this.memory = memory;
        this.locks = new PageLocks(memory, pages.window());
    }

    Pin take(Terms terms, long offset, long bytes) {
        return open(terms, offset, bytes, claim(terms, offset, bytes));
    }

    /** Does all of a pin but make its object, which then stores nothing but what is there. {@return its slot} */
    private HolderSlot claim(Terms terms, long offset, long bytes) {
        boolean locking = isLocking(terms);
        if (locking) {
            locks.check(windowStart(offset), windowBytes(offset, bytes)); // before anything comes home in vain
        }
        boolean whole = bytes == buffer.byteSize() && tryWhole();
        if (!whole) {
            buffer.claim(Claim.Kind.PIN, null, offset, bytes, terms);
        }
        return enter(terms, offset, bytes, whole, locking);
    }

    private boolean tryWhole() {
        try {
            return table.tryPinWhole();
        } catch (IllegalStateException race) {
            throw buffer.translated(race);
        }
    }

    /** Page-locks and lists what has been counted; gives the counts back if it cannot. */
    private HolderSlot enter(Terms terms, long offset, long bytes, boolean whole, boolean locking) {
        boolean locked = false;
        try {
            if (locking) {
                pageLock(terms, offset, bytes);
                locked = true;
            }
            return buffer.list(LongTermPin.KIND, terms, offset, bytes, whole);
        } catch (RuntimeException | Error failure) {
            release(offset, bytes, whole, locked);
            throw failure;
        }
    }

    /** Makes the pin of what has been claimed; gives all of it back if it cannot. */
    private Pin open(Terms terms, long offset, long bytes, HolderSlot slot) {
        try {
            LongTermPin pin = LongTermPin.of(buffer, terms, offset, bytes, slot);
            pin.opened();
            return pin;
        } catch (RuntimeException | Error failure) {
            release(offset, bytes, slot.isWhole(), isLocking(terms));
            slot.leave();
            throw failure;
        }
    }

    /** Waits for others that page-lock pages of the buffer, as for pages that move. */
    private void pageLock(Terms terms, long offset, long bytes) {
        try {
            locks.lock(windowStart(offset), windowBytes(offset, bytes), Turn.atMost(terms.movingNanos()));
        } catch (StillBusy busy) {
            throw Failures.stillBusy(buffer.id(), buffer.firstPage(offset), busy);
        }
    }

    private static boolean isLocking(Terms terms) {
        return terms.strength() == Strength.PAGE_LOCKED;
    }

    PartialPin takePossible(Terms terms, long offset, long bytes) {
        PageOutcomes outcomes = buffer.claimPossible(Claim.Kind.PIN, offset, bytes, terms);
        long pageBytes = buffer.pageBytes();
        List<Range> claimed = new ArrayList<>();
        outcomes.forEachRun((first, count, outcome) -> {
            if (outcome == PageOutcome.IN_PLACE) {
                long start = Math.max(offset, first * pageBytes);
                claimed.add(new Range(start, Math.min(offset + bytes, (first + count) * pageBytes) - start));
            }
        });
        return new PartialPin(openAll(terms, claimed), outcomes);
    }

    private record Range(long offset, long byteSize) {}

    /** Makes a pin of each claimed range, or gives all of them back. */
    private List<Pin> openAll(Terms terms, List<Range> claimed) {
        List<Pin> pins = new ArrayList<>();
        try {
            for (Range range : claimed) {
                HolderSlot slot = enter(terms, range.offset(), range.byteSize(), false, isLocking(terms));
                pins.add(open(terms, range.offset(), range.byteSize(), slot));
            }
            return List.copyOf(pins);
        } catch (RuntimeException | Error failure) {
            pins.forEach(Pin::close);
            claimed.stream()
                    .skip(pins.size() + 1) // the one that failed has given its own back
                    .forEach(range -> release(range.offset(), range.byteSize(), false, false));
            throw failure;
        }
    }

    /** Gives a pin's counts and page-locks back. {@code whole}: counted by the buffer word, else by the page words. */
    void release(long offset, long bytes, boolean whole, boolean locked) {
        if (locked) {
            locks.unlock(windowStart(offset), windowBytes(offset, bytes));
        }
        if (whole) {
            table.unpinWhole();
        } else {
            Claim.release(pages, Claim.Kind.PIN, buffer.firstPage(offset), buffer.endPage(offset, bytes));
        }
    }

    /** {@return where the pages of a range start in the window} */
    private long windowStart(long offset) {
        return buffer.firstPage(offset) * buffer.pageBytes();
    }

    /** {@return the length of the pages of a range} */
    private long windowBytes(long offset, long bytes) {
        return buffer.endPage(offset, bytes) * buffer.pageBytes() - windowStart(offset);
    }

    long pageLockedBytes() {
        return locks.lockedBytes();
    }

    /** {@return whether the page table counts a pin on every page of a range, and the kernel a page-lock if asked for} */
    Verification verify(Terms terms, long offset, long bytes) {
        Verification counted = verifyCounted(buffer.firstPage(offset), buffer.endPage(offset, bytes));
        return isLocking(terms) ? counted.and(memory.verifyLocked(pages.window().asSlice(offset, bytes))) : counted;
    }

    private Verification verifyCounted(long first, long end) {
        boolean whole = BufferWord.wholePins(table.bufferWord()) > 0;
        for (long page = first; page < end; page++) {
            long word = table.word(page);
            if (PageWord.state(word) != PageWord.HOST || PageWord.pins(word) == 0 && !whole) {
                return new Verification(Verdict.REFUTED, "page table: page " + page + " is " + PageWord.describe(word));
            }
        }
        return new Verification(
                Verdict.CONFIRMED,
                "page table: " + (end - first) + " pages from page " + first + " are home and pinned");
    }
}
