// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.internal.migrate.Claim;
import io.highpage.internal.migrate.Move;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.outcome.Terms;

/**
 * Ways to pin a range some of whose pages are on a device, by the runtime's own steps: the choices
 * that were discussed when Linux learned to migrate device pages for a long-term pin. For one
 * thread; nobody else has the pages, and the buffer stays open. Each ends with every page at home
 * and counted once.
 */
final class PinStrategies {
    private static final Terms TERMS = Terms.defaults();

    private final Pages pages;
    private final PageTable table;
    private final long end;
    private final long[] listed;

    PinStrategies(Pages pages) {
        this.pages = pages;
        this.table = pages.table();
        this.end = table.pageCount();
        this.listed = new long[(int) end];
    }

    /**
     * Page by page: a page that is away is moved by itself inside the loop that looks and counts.
     */
    void pageByPage() {
        for (long page = 0; page < end; page++) {
            claim(page, page + 1);
        }
    }

    /**
     * Counts every page wherever it is; if one was away, uncounts all, moves all, and walks again.
     */
    void unpinMigrateWalkAgain() {
        boolean away = false;
        for (long page = 0; page < end; page++) {
            long word = table.mappedWord(page);
            away |= !isHome(word);
            count(page, word);
        }
        if (away) {
            Claim.release(pages, Verb.PIN, 0, end);
            Move.home(pages, 0, end);
            claim(0, end);
        }
    }

    /**
     * Counts pages that are at home and lists the others; then moves all of these, and counts them.
     */
    void collectThenMigrate() {
        int count = 0;
        for (long page = 0; page < end; page++) {
            long word = table.mappedWord(page);
            if (isHome(word)) {
                count(page, word);
            } else {
                listed[count++] = page;
            }
        }
        if (count > 0) {
            Move.home(pages, listed[0], listed[count - 1] + 1);
            for (int i = 0; i < count; i++) {
                count(listed[i], table.mappedWord(listed[i]));
            }
        }
    }

    /** Looks at the whole range first, moves all of it if a page is away, then counts. */
    void separatePassFirst() {
        long page = 0;
        while (page < end && isHome(table.mappedWord(page))) {
            page++;
        }
        if (page < end) {
            Move.home(pages, page, end);
        }
        claim(0, end);
    }

    /**
     * As shipped: counts until a page is away, then locks, copies and publishes by batch, counting
     * in the last step.
     */
    void highpage() {
        claim(0, end);
    }

    void unpin() {
        Claim.release(pages, Verb.PIN, 0, end);
    }

    private void claim(long from, long to) {
        Claim.take(pages, Verb.PIN, PageWord.HOME, from, to, TERMS);
    }

    private static boolean isHome(long word) {
        return PageWord.state(word) == PageWord.HOST;
    }

    private void count(long page, long seen) {
        long word = seen;
        while (!table.tryMappedCount(page, word, Verb.PIN)) {
            word = table.mappedWord(page);
        }
    }
}
