// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.page.Verdict;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.MoveReport;

import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.function.Supplier;

/**
 * A span that has memory on a device, as it was when somebody who needs room looked at it: all its
 * pages, before anything of it is moved. What was found is what was so then; what counts is what
 * the eviction finds.
 */
final class Resident {
    /** Why it leaves, as events say. */
    private static final String MAKING_ROOM = "making room";

    final DeviceWindow window;
    final Pages pages;
    private final long first;
    private final long end;

    private long bytes; // of its pages on the device
    private long copied; // those that are valid nowhere else
    private long heldPage = -1; // the first page that somebody holds there
    private boolean passes; // something of it is moving

    /** Looks at it. */
    Resident(DeviceWindow window) {
        this.window = window;
        this.pages = (Pages) window.owner();
        this.first = window.firstPage();
        this.end = pages.spanEnd(first);
        this.passes = window.isPassing();
        try {
            look();
        } catch (IllegalStateException closed) { // the words have gone, the memory goes
            passes = true;
        }
    }

    private void look() {
        long pageBytes = pages.pageBytes();
        long last = -1; // no page has this word
        boolean moves = false;
        boolean copies = false;
        for (long page = first; page < end; page++) {
            long word = pages.table().word(page);
            if (word != last) { // most pages of a span are alike
                last = word;
                moves = PageWord.device(word) == window.tier();
                if (moves) {
                    note(page, word);
                    copies = PageWord.state(word) == PageWord.DEVICE;
                }
            }
            bytes += moves ? pageBytes : 0;
            copied += moves && copies ? pageBytes : 0;
        }
    }

    private void note(long page, long word) {
        Verdict verdict = pages.verdict(Verb.EVICT, PageWord.HOME, word);
        passes |= verdict == Verdict.MOVING || verdict == Verdict.CLOSING;
        if (heldPage < 0 && isHeld(verdict)) {
            heldPage = page;
        }
    }

    private static boolean isHeld(Verdict verdict) {
        return verdict == Verdict.HELD || verdict == Verdict.PINNED || verdict == Verdict.ACCESSED;
    }

    /** {@return the bytes of its pages on the device} */
    long bytes() {
        return bytes;
    }

    /** {@return those of {@link #bytes} that have to be copied if it leaves} */
    long copiedBytes() {
        return copied;
    }

    /** {@return what it is worth by its uses so far} */
    double worth() {
        return window.history().worth(window.device().clock());
    }

    /** {@return whether it was brought for a use that has not come yet} */
    boolean isAnnounced() {
        return window.history().isAnnounced();
    }

    /** {@return whether something of it is moving, so that it is worth a second look soon} */
    boolean passes() {
        return passes;
    }

    /** {@return whether somebody holds a page of it there} */
    boolean isHeld() {
        return heldPage >= 0;
    }

    /** {@return whether the calling thread holds a page of it there} */
    boolean isOwn(Holders holders) {
        try {
            for (long page = first; page < end; page++) {
                long word = pages.table().word(page);
                if (PageWord.device(word) == window.tier()
                        && isHeld(pages.verdict(Verb.EVICT, PageWord.HOME, word))
                        && holders.ownHolder(pages, page)) {
                    return true;
                }
            }
            return false;
        } catch (IllegalStateException closed) {
            return false;
        }
    }

    /** {@return who holds it there} */
    String named(Holders holders) {
        String named = holders.named(pages, heldPage);
        return named.isEmpty()
                ? "a bare pin, or a read or write that is under way, of bytes "
                        + first * pages.pageBytes() + ".." + end * pages.pageBytes() + " of buffer "
                        + pages.bufferId()
                : named;
    }

    /**
     * Brings its pages home from the device, as far as nobody holds them by now. Pages of it that
     * are on other devices stay there. {@return how that failed, if it did}
     */
    Optional<HighpageException> leave() {
        return unlessClosed(this::leaveAll, Optional.empty());
    }

    private Optional<HighpageException> leaveAll() {
        for (long page = first; page < end; page++) {
            long stop = endHere(page);
            if (stop > page) {
                Optional<HighpageException> failure =
                        Move.home(pages, page, stop, MAKING_ROOM).failure();
                if (failure.isPresent()) {
                    return failure;
                }
            }
            page = stop;
        }
        return Optional.empty();
    }

    /**
     * Makes its pages on the device clean, batch by batch, as far as nobody holds them by now.
     *
     * @param more is told after each batch how many bytes it copied; false if that is enough
     * @return whether all were tried, and nothing failed
     */
    boolean clean(LongPredicate more) {
        return unlessClosed(() -> cleanAll(more), true);
    }

    private boolean cleanAll(LongPredicate more) {
        long page = first;
        while (page < end) {
            long stop = Math.min(endHere(page), pages.batchEnd(page, end));
            if (stop == page) {
                page++;
                continue;
            }
            MoveReport report = Move.clean(pages, page, stop);
            boolean goesOn = more.test(report.movedPages() * pages.pageBytes());
            if (!goesOn || report.failure().isPresent()) {
                return false;
            }
            page = stop;
        }
        return true;
    }

    /** {@return the first page, from {@code page} on, that is on another device} */
    private long endHere(long page) {
        long stop = page;
        while (stop < end && !isElsewhere(pages.table().word(stop))) {
            stop++;
        }
        return stop;
    }

    private boolean isElsewhere(long word) {
        int tier = PageWord.device(word);
        return tier != PageWord.HOME && tier != window.tier();
    }

    /** Gives the homes of its pages up. {@return the bytes that were given up} */
    long discardHomes() {
        return unlessClosed(() -> HomeDiscard.run(pages, first, end) * pages.pageBytes(), 0L);
    }

    /** {@return what it answers, or the other if the buffer is closed meanwhile} */
    private <T> T unlessClosed(Supplier<T> answer, T other) {
        try {
            return answer.get();
        } catch (IllegalStateException closed) {
            if (!pages.isClosed()) {
                throw closed;
            }
            return other;
        }
    }

    @Override
    public String toString() {
        return "bytes " + first * pages.pageBytes() + ".." + end * pages.pageBytes() + " of buffer "
                + pages.bufferId();
    }
}
