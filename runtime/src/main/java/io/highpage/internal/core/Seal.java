// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.migrate.Pages;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import java.util.concurrent.locks.LockSupport;

/**
 * Closes the pages of a buffer as a transition like every other, so that no holder can slip in between a check and the end.
 * Waits for moving pages, a second at most; a page with a holder ends the attempt at once.
 */
final class Seal {
    private static final long MOVING_NANOS = 1_000_000_000L;
    private static final long PAUSE_NANOS = 50_000;

    private Seal() {}

    /** {@return whether every page is closed now; else none is} */
    static boolean tryClose(Pages pages) {
        PageTable table = pages.table();
        if (!table.tryCloseBuffer()) {
            return false;
        }
        long deadline = System.nanoTime() + MOVING_NANOS;
        for (long page = 0; page < table.pageCount(); page++) {
            if (!tryClosePage(table, page, deadline)) {
                reopen(pages, page);
                return false;
            }
        }
        return true;
    }

    private static boolean tryClosePage(PageTable table, long page, long deadline) {
        while (true) {
            long word = table.word(page);
            if (PageWord.isMoving(word)) {
                if (System.nanoTime() > deadline) {
                    return false;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            } else if (PageWord.isCounted(word)) {
                return false;
            } else if (table.tryClosePage(page, word)) {
                return true;
            }
        }
    }

    static void reopen(Pages pages) {
        reopen(pages, pages.table().pageCount());
    }

    private static void reopen(Pages pages, long closedPages) {
        for (long page = 0; page < closedPages; page++) {
            pages.table().reopenPage(page);
        }
        pages.table().reopenBuffer();
    }
}
