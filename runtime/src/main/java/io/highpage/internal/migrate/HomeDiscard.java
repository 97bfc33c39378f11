// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;

/**
 * Gives up the home memory of pages that are on a device. A page keeps that memory when it leaves,
 * so that coming back costs a copy only; where memory is scarce, it is worth more elsewhere.
 *
 * <p>A home is given up only while its page is owned, on its way home as far as others see: after a
 * mere look at the word, or a compare-and-set that owns nothing, the page could come home before
 * the memory goes, and its bytes would go with it. Waits for no page: what is kept or moving is
 * left as it is.
 */
public final class HomeDiscard {
    private final Pages pages;
    private final PageTable table;
    private final long to;
    private long next;
    private long discarded;

    private HomeDiscard(Pages pages, long from, long to) {
        this.pages = pages;
        this.table = pages.table();
        this.next = from;
        this.to = to;
    }

    /**
     * Gives up the homes of those of pages {@code from} to {@code to - 1} that are on a device and
     * that nobody keeps.
     *
     * @return how many were given up; what the kernel refused is not counted
     */
    public static long run(Pages pages, long from, long to) {
        StackRoom.checkLong();
        HomeDiscard discard = new HomeDiscard(pages, from, to);
        Migration migration = pages.migrations().take();
        try {
            while (discard.next < to) {
                if (hasSpareHome(discard.table.word(discard.next))) {
                    discard.batch(migration);
                } else {
                    discard.next++;
                }
            }
        } finally {
            pages.migrations().give(migration);
        }
        return discard.discarded;
    }

    /** {@return whether a page's home has memory that the page does not need} */
    private static boolean hasSpareHome(long word) {
        return PageWord.state(word) == PageWord.DEVICE
                && PageWord.is(word, PageWord.COMMITTED)
                && !PageWord.is(word, PageWord.CLOSED)
                && !PageWord.isCounted(word);
    }

    private void batch(Migration migration) {
        long end = pages.batchEnd(next, to);
        boolean ignored =
                migration.begin(pages, PageWord.HOME, next, end - next, () -> false); // never waits
        try {
            while (next < end && !migration.isFull()) {
                long alike = migration.lockAlike(next, end);
                if (alike == next) {
                    long word = table.word(next);
                    if (hasSpareHome(word) && !migration.tryLock(next, word)) {
                        continue; // it changed: another look
                    }
                    alike++;
                }
                next = alike;
            }
            migration.endSetup();
        } catch (RuntimeException | Error failed) {
            migration.putBack(failed);
            throw failed;
        }
        if (!migration.isEmpty() && migration.discardHomes()) {
            discarded += migration.lockedPages();
        }
    }
}
