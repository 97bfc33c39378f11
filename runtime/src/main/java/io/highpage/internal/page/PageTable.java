// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import static io.highpage.internal.page.PageWord.ABSENT;
import static io.highpage.internal.page.PageWord.BOTH;
import static io.highpage.internal.page.PageWord.CLOSED;
import static io.highpage.internal.page.PageWord.COMMITTED;
import static io.highpage.internal.page.PageWord.DEVICE;
import static io.highpage.internal.page.PageWord.FILLING_DEVICE;
import static io.highpage.internal.page.PageWord.FILLING_HOST;
import static io.highpage.internal.page.PageWord.HOST;
import static io.highpage.internal.page.PageWord.LOST;
import static io.highpage.internal.page.PageWord.MOVING_TO_DEVICE;
import static io.highpage.internal.page.PageWord.MOVING_TO_HOST;
import static io.highpage.internal.page.PageWord.WANTED;

/**
 * The words of one buffer and the steps of the page protocol on them. Each method is one atomic
 * step; the orders in which steps are taken are in {@code io.highpage.internal.migrate}, the
 * reasons in {@code docs/concurrency.md}. Thread-safe.
 */
public final class PageTable {
    /**
     * Pages of one region: 16 MiB in pages of 4 KiB, and 32 KiB of words, which a close need not
     * look at if none left ABSENT.
     */
    static final int REGION_SHIFT = 12;

    // What a region word says.
    private static final long UNTOUCHED = 0; // every page of it has always been absent
    private static final long TOUCHED = 1; // a page of it is, was or will be locked; for good
    private static final long REGION_CLOSED = 2; // untouched, and closed

    private final Words words;
    private final long pageCount;

    /**
     * Makes a table of absent pages.
     *
     * @param words zeroed, {@link #wordCount} of them
     * @param pageCount number of pages, 1 to {@link BufferWord#PAGES_MAX}
     */
    public PageTable(Words words, long pageCount) {
        this.words = words;
        this.pageCount = pageCount;
        // ORD release: nobody else has the table yet; pairs with bufferWord(). All pages
        // are absent, so away.
        words.release(0, pageCount);
    }

    /** {@return the words of a table: that of the buffer, one a page, one a region} */
    public static long wordCount(long pageCount) {
        return 1 + pageCount + Math.ceilDiv(pageCount, 1L << REGION_SHIFT);
    }

    public long pageCount() {
        return pageCount;
    }

    // ---- regions ----

    private long region(long page) {
        return 1 + pageCount + (page >>> REGION_SHIFT);
    }

    /**
     * {@return whether an absent page may be locked: its region is touched from now on, and not
     * closed}
     */
    private boolean touch(long page) {
        long region = region(page);
        // ORD acquire: nothing is read that its change publishes, and the lock that follows decides
        // about the page; pairs with touch() and changeRegion().
        long word = words.acquire(region);
        if (word == UNTOUCHED) {
            // ORD volatile: of a touch and a close of the region one comes first, and the other
            // fails; pairs with itself and with changeRegion().
            boolean ignored = words.compareAndSet(region, UNTOUCHED, TOUCHED);
            // ORD acquire: looks again, as above; pairs with touch() and changeRegion().
            word = words.acquire(region);
        }
        return word == TOUCHED;
    }

    /**
     * CLOSE: closes all pages of an untouched region in one step.
     *
     * @param page the first page of a region
     * @return the first page behind what is closed now; {@code page} if it has to be closed page by
     *     page
     */
    public long closeUntouched(long page) {
        return changeRegion(page, UNTOUCHED, REGION_CLOSED);
    }

    /** CLOSE: opens them again, as {@link #closeUntouched}. */
    public long reopenUntouched(long page) {
        return changeRegion(page, REGION_CLOSED, UNTOUCHED);
    }

    private long changeRegion(long page, long from, long to) {
        long end = Math.min(pageCount, page + (1L << REGION_SHIFT));
        boolean whole = page >>> REGION_SHIFT << REGION_SHIFT == page;
        // ORD volatile: as touch().
        return whole && words.compareAndSet(region(page), from, to) ? end : page;
    }

    // ---- page words ----

    /** {@return the word of a page; the bytes of one that rests are visible afterwards} */
    public long word(long page) {
        // ORD acquire: the bytes of a resting page are visible; pairs with the release of leave().
        return words.acquire(1 + page);
    }

    /**
     * As {@link #word}, for a caller that keeps the buffer from closing: it has a count or owns a
     * moving page.
     */
    public long mappedWord(long page) {
        // ORD acquire: as word().
        return words.mappedAcquire(1 + page);
    }

    private boolean change(PageTransition kind, long page, long from, long to) {
        assert kind.allows(from, to) : illegal(kind, page, from, to);
        // ORD volatile: orders the count against the other side's copy; pairs with itself, the
        // release of leave() and the acquire of word().
        return words.compareAndSet(1 + page, from, to);
    }

    /** As {@link #change}, for a caller that keeps the buffer from closing. */
    private boolean mappedChange(PageTransition kind, long page, long from, long to) {
        assert kind.allows(from, to) : illegal(kind, page, from, to);
        // ORD volatile: as change().
        return words.mappedCompareAndSet(1 + page, from, to);
    }

    /** The word of a page that the caller's operation owns. */
    private long owned(long page) {
        // ORD acquire: more than is needed by the thread that locked the page, but a copy may end
        // on another one; pairs with change().
        return words.mappedAcquire(1 + page);
    }

    private void leave(PageTransition kind, long page, long from, long to) {
        assert PageWord.isMoving(from) && kind.allows(from, to) : illegal(kind, page, from, to);
        // ORD release: the copied bytes come before the new residency; pairs with the acquire of
        // word().
        words.mappedRelease(1 + page, to);
    }

    private static String illegal(PageTransition kind, long page, long from, long to) {
        return kind + " page=" + page + " from " + PageWord.describe(from) + " to "
                + PageWord.describe(to);
    }

    /**
     * An absent page leaves that state only in a region that is touched: then a close looks at its
     * word.
     */
    private boolean mayLeave(long page, long word) {
        return PageWord.state(word) != ABSENT || touch(page);
    }

    /**
     * LOCK: tries to own a free page that is not there on its way to a tier. A page that leaves
     * home must have been counted as away before.
     */
    public boolean tryLock(long page, long word, int tier) {
        return mayLeave(page, word)
                && change(PageTransition.LOCK, page, word, lockedFor(word, tier));
    }

    /**
     * As {@link #tryLock}, for a caller that keeps the buffer from closing by a page that it owns
     * already.
     */
    public boolean tryMappedLock(long page, long word, int tier) {
        return mayLeave(page, word)
                && mappedChange(PageTransition.LOCK, page, word, lockedFor(word, tier));
    }

    private static long lockedFor(long word, int tier) {
        int state = PageWord.state(word);
        long locked = tier == PageWord.HOME
                ? PageWord.with(
                        word,
                        state == ABSENT ? FILLING_HOST : MOVING_TO_HOST,
                        PageWord.device(word)) // where its bytes are
                : PageWord.with(word, state == HOST ? MOVING_TO_DEVICE : FILLING_DEVICE, tier);
        return locked & ~WANTED;
    }

    /**
     * PUBLISH: the owned page has arrived, and what it left is valid no longer. {@code count} is
     * what its claim adds, or 0.
     */
    public void publish(long page, long count) {
        publish(page, owned(page), count);
    }

    /** As {@link #publish}, but bytes that were copied stay valid where they came from. */
    public void publishBoth(long page, long count) {
        long word = owned(page);
        if (PageWord.state(word) == MOVING_TO_HOST || PageWord.state(word) == MOVING_TO_DEVICE) {
            long next = PageWord.with(word, BOTH, PageWord.device(word)) | COMMITTED;
            leave(PageTransition.PUBLISH, page, word, next + count);
        } else {
            publish(page, word, count);
        }
    }

    private void publish(long page, long word, long count) {
        boolean toHost =
                PageWord.state(word) == FILLING_HOST || PageWord.state(word) == MOVING_TO_HOST;
        long next = toHost
                ? PageWord.with(word, HOST, 0) | COMMITTED
                : PageWord.with(word, DEVICE, PageWord.device(word));
        leave(PageTransition.PUBLISH, page, word, next + count);
    }

    /** PUT_BACK: the owned page stays where it was. */
    public void putBack(long page) {
        long word = owned(page);
        leave(
                PageTransition.PUT_BACK,
                page,
                word,
                switch (PageWord.state(word)) {
                    case MOVING_TO_DEVICE -> PageWord.with(word, HOST, 0);
                    case MOVING_TO_HOST -> PageWord.with(word, DEVICE, PageWord.device(word));
                    default -> PageWord.with(word, ABSENT, 0);
                });
    }

    /** DISCARD: the owned page stays on its device; the memory of its home has been given up. */
    public void discard(long page) {
        long word = owned(page);
        leave(
                PageTransition.DISCARD,
                page,
                word,
                PageWord.with(word, DEVICE, PageWord.device(word)) & ~COMMITTED);
    }

    /** LOSE: the owned page's device is gone. */
    public void lose(long page) {
        long word = owned(page);
        leave(PageTransition.LOSE, page, word, word & ~PageWord.STATE_MASK | LOST);
    }

    /** LOSE: a resting page's device is gone. */
    public boolean tryLose(long page, long word) {
        return change(PageTransition.LOSE, page, word, word & ~PageWord.STATE_MASK | LOST);
    }

    /**
     * COUNT_UP, or DROP if the holder writes on the device of a page that is at home too: one
     * holder more, whose count is not full, of a page that is in place for it.
     */
    public boolean tryCount(long page, long word, Verb verb) {
        boolean drops = drops(word, verb);
        return change(counting(drops), page, word, counted(word, verb, drops));
    }

    /**
     * As {@link #tryCount}, for a caller that keeps the buffer from closing, most often by the
     * count of the page before.
     */
    public boolean tryMappedCount(long page, long word, Verb verb) {
        boolean drops = drops(word, verb);
        return mappedChange(counting(drops), page, word, counted(word, verb, drops));
    }

    /** {@return whether a count ends the home of a page: a writer's, of one in both places} */
    private static boolean drops(long word, Verb verb) {
        return PageWord.state(word) == BOTH && !verb.leavesBoth();
    }

    private static long counted(long word, Verb verb, boolean drops) {
        long next = word + verb.one();
        return drops ? next - (BOTH - DEVICE) : next;
    }

    private static PageTransition counting(boolean drops) {
        return drops ? PageTransition.DROP : PageTransition.COUNT_UP;
    }

    /**
     * DROP: a page that is at home and on a device is at home alone. Its window there, and the
     * buffer word, count it until the caller takes it off.
     *
     * @param count what the claim of a writer adds, which is not full, or 0
     */
    public boolean tryDrop(long page, long word, long count) {
        long next = word & ~(PageWord.STATE_MASK | PageWord.DEVICE_MASK) | HOST;
        return change(PageTransition.DROP, page, word, next + count);
    }

    /** COUNT_DOWN: one holder less. The count keeps the buffer from closing, until this. */
    public boolean tryCountDown(long page, long word, int shift) {
        if (PageWord.count(word, shift) == 0) {
            throw new AssertionError(
                    "count below zero: page=" + page + " " + PageWord.describe(word));
        }
        return mappedChange(PageTransition.COUNT_DOWN, page, word, word - (1L << shift));
    }

    /** WANT: says that a pin or access waits for the page. Does nothing to a moving page. */
    public void want(long page) {
        long word = word(page);
        if (!PageWord.isMoving(word) && !PageWord.is(word, WANTED)) {
            boolean ignored = change(
                    PageTransition.WANT,
                    page,
                    word,
                    word | WANTED); // lost races are repeated by the waiter's loop
        }
    }

    /** WANT: takes that back. */
    public void unwant(long page) {
        long word;
        do {
            word = word(page);
            if (PageWord.isMoving(word) || !PageWord.is(word, WANTED)) {
                return;
            }
        } while (!change(PageTransition.WANT, page, word, word & ~WANTED));
    }

    /** CLOSE: tries to close a free page. */
    public boolean tryClosePage(long page, long word) {
        return change(PageTransition.CLOSE, page, word, word | CLOSED);
    }

    /** CLOSE: opens it again. */
    public void reopenPage(long page) {
        long word;
        do {
            word = word(page);
        } while (!change(PageTransition.CLOSE, page, word, word & ~CLOSED));
    }

    // ---- buffer word ----

    /** {@return the buffer word; {@link BufferWord} says what each half promises} */
    public long bufferWord() {
        // ORD acquire: pages that came home are published before they are taken off; pairs with
        // changeBuffer() and PageTable().
        return words.acquire(0);
    }

    private boolean changeBuffer(BufferTransition kind, long from, long to) {
        assert kind.allows(from, to) : illegal(kind, from, to);
        // ORD volatile: of two changes one comes first, and the other sees it; pairs with itself.
        return words.compareAndSet(0, from, to);
    }

    /** As {@link #changeBuffer}, for a caller that keeps the buffer from closing. */
    private boolean mappedChangeBuffer(BufferTransition kind, long from, long to) {
        assert kind.allows(from, to) : illegal(kind, from, to);
        // ORD volatile: as changeBuffer().
        return words.mappedCompareAndSet(0, from, to);
    }

    private static String illegal(BufferTransition kind, long from, long to) {
        return kind + " of the buffer word from " + BufferWord.describe(from) + " to "
                + BufferWord.describe(to);
    }

    /**
     * PIN_WHOLE: tries to pin the whole buffer; succeeds only while every page is at home. Pairs
     * with LEAVE and CLOSE.
     */
    public boolean tryPinWhole() {
        while (true) {
            long word = bufferWord();
            if (BufferWord.away(word) != 0
                    || BufferWord.isClosed(word)
                    || BufferWord.wholePins(word) == BufferWord.WHOLE_PINS_MAX) {
                return false;
            }
            if (changeBuffer(BufferTransition.PIN_WHOLE, word, word + BufferWord.ONE_WHOLE_PIN)) {
                return true;
            }
        }
    }

    /**
     * UNPIN_WHOLE: after the holder's reads and writes, so that they come before the LEAVE of
     * whoever moves a page next.
     */
    public void unpinWhole() {
        long word;
        do {
            // ORD acquire: as bufferWord(). The pin keeps the buffer from closing, until this.
            word = words.mappedAcquire(0);
            if (BufferWord.wholePins(word) == 0) {
                throw new AssertionError(
                        "whole-buffer pins below zero: " + BufferWord.describe(word));
            }
        } while (!mappedChangeBuffer(
                BufferTransition.UNPIN_WHOLE, word, word - BufferWord.ONE_WHOLE_PIN));
    }

    /**
     * LEAVE: counts up to so many host pages as away, before they are on a device, too or alone;
     * refused while the whole buffer is pinned or closed.
     */
    public boolean tryAddAway(long pages) {
        while (true) {
            long word = bufferWord();
            if (BufferWord.wholePins(word) != 0 || BufferWord.isClosed(word)) {
                return false;
            }
            if (changeBuffer(BufferTransition.LEAVE, word, word + pages)) {
                return true;
            }
        }
    }

    /**
     * COME_HOME: takes pages that are at home alone off the away count: after they were published
     * or dropped, or when they did not leave.
     */
    public void subtractAway(long pages) {
        if (pages == 0) {
            return;
        }
        long word;
        do {
            word = bufferWord();
            if (BufferWord.away(word) < pages) {
                throw new AssertionError(
                        "pages away below zero: " + BufferWord.describe(word) + " less " + pages);
            }
        } while (!changeBuffer(BufferTransition.COME_HOME, word, word - pages));
    }

    /**
     * CLOSE: closes the buffer word, unless the whole buffer is pinned. Pairs with PIN_WHOLE and
     * LEAVE.
     */
    public boolean tryCloseBuffer() {
        while (true) {
            long word = bufferWord();
            if (BufferWord.wholePins(word) != 0) {
                return false;
            }
            if (changeBuffer(BufferTransition.CLOSE, word, word | BufferWord.CLOSED)) {
                return true;
            }
        }
    }

    /** REOPEN: takes a close back. */
    public void reopenBuffer() {
        long word;
        do {
            word = bufferWord();
        } while (!changeBuffer(BufferTransition.REOPEN, word, word & ~BufferWord.CLOSED));
    }
}
