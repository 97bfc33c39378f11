// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.close.Turn;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.Terms;

import java.util.function.BooleanSupplier;

/**
 * Closes the pages of a buffer as a transition like every other, so that no holder can slip in
 * between a check and the end, and its device windows likewise. Waits for what is moving, a second
 * at most; a page with a holder ends the attempt at once, and a home that is kept in the end.
 */
public final class Seal {
    /** How long a close waits: as every operation does for pages that are moving, 1 s. */
    public static final long WAIT_NANOS = Terms.defaults().movingNanos();

    private Seal() {}

    /** {@return whether every page is closed now; else none is} */
    public static boolean tryClose(Pages pages) {
        return tryClose(pages, Turn.atMost(WAIT_NANOS));
    }

    /**
     * As {@link #tryClose(Pages)}.
     *
     * @param waits waits a little for what is moving; false if that was long enough
     */
    public static boolean tryClose(Pages pages, BooleanSupplier waits) {
        PageTable table = pages.table();
        if (!table.tryCloseBuffer()) {
            return false;
        }
        for (long page = 0; page < table.pageCount(); ) {
            // What was never written is closed by regions, unread.
            long behind = table.closeUntouched(page);
            if (behind == page) {
                if (!tryClosePage(table, page, waits)) {
                    reopen(pages, page);
                    return false;
                }
                behind++;
            }
            page = behind;
        }
        // Only now: while a page is open, somebody may come to keep the home.
        if (pages.isHomeKept() || !pages.trySealWindows(waits)) {
            reopen(pages, table.pageCount());
            return false;
        }
        return true;
    }

    private static boolean tryClosePage(PageTable table, long page, BooleanSupplier waits) {
        while (true) {
            long word = table.word(page);
            if (PageWord.isMoving(word)) {
                if (!waits.getAsBoolean()) {
                    return false;
                }
            } else if (PageWord.isCounted(word)) {
                return false;
            } else if (table.tryClosePage(page, word)) {
                return true;
            }
        }
    }

    /** Takes {@link #tryClose(Pages)} back. */
    public static void reopen(Pages pages) {
        pages.unsealWindows();
        reopen(pages, pages.table().pageCount());
    }

    private static void reopen(Pages pages, long closedPages) {
        for (long page = 0; page < closedPages; ) {
            long behind = pages.table().reopenUntouched(page);
            if (behind == page) {
                pages.table().reopenPage(page);
                behind++;
            }
            page = behind;
        }
        pages.table().reopenBuffer();
    }
}
