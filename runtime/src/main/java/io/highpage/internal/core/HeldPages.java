// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.memory.TierWindow;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.DeviceLostException;

/**
 * Where the bytes of a buffer's pages are while somebody holds them: they stay there, so what is
 * found here holds for as long. Thread-safe.
 */
final class HeldPages {
    private final Pages pages;

    HeldPages(Pages pages) {
        this.pages = pages;
    }

    /**
     * {@return the window that a claimed page is used in}
     *
     * @throws DeviceLostException if its device went since it was claimed: its home has older bytes
     */
    TierWindow windowOf(long page) {
        return pages.windowAround(usedTier(page, pages.table().word(page)), page);
    }

    /**
     * {@return the tier whose memory the holder of a page with this word uses}
     *
     * @throws DeviceLostException if that went since the page was claimed. Also where its home has
     *     the same bytes: holders of it there come and go without those here.
     */
    int usedTier(long page, long word) {
        int tier = pages.heldTier(word);
        if (pages.isLost(tier)) {
            throw lostInUse(page, tier);
        }
        return tier;
    }

    private DeviceLostException lostInUse(long page, int tier) {
        return new DeviceLostException(
                "page " + page + " of buffer " + pages.bufferId() + " was lost with device "
                        + pages.device(tier) + " while its bytes were being used there",
                null);
    }

    /**
     * {@return the first page after {@code page}, at most {@code end}, that is not in the same
     * window}
     */
    long runEnd(long page, long end) {
        long first = pages.table().word(page);
        long next = page + 1;
        TierWindow window = pages.windowAround(pages.heldTier(first), page);
        long stop = Math.min(end, pages.endPage(window));
        while (next < stop && samePlace(first, pages.table().word(next))) {
            next++;
        }
        return next;
    }

    /**
     * {@return the first page, at least {@code start}, from which on to {@code page} all are in the
     * same window}
     */
    long runStart(long page, long start) {
        long last = pages.table().word(page);
        long first = page;
        TierWindow window = pages.windowAround(pages.heldTier(last), page);
        long stop = Math.max(start, window.firstPage());
        while (first > stop && samePlace(last, pages.table().word(first - 1))) {
            first--;
        }
        return first;
    }

    private boolean samePlace(long word, long other) {
        if (((word ^ other) & (PageWord.STATE_MASK | PageWord.DEVICE_MASK)) == 0) {
            return true;
        }
        boolean valid = PageWord.isAtHome(word) || PageWord.isOnDevice(word);
        boolean otherValid = PageWord.isAtHome(other) || PageWord.isOnDevice(other);
        return valid && otherValid && pages.heldTier(word) == pages.heldTier(other);
    }
}
