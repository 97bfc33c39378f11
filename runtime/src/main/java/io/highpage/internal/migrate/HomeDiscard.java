// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.page.Verdict;
import io.highpage.outcome.HighpageException;

import org.jspecify.annotations.Nullable;

/**
 * Gives up the home memory of pages that are on a device. A page keeps that memory when it leaves,
 * so that coming back costs a copy only; where memory is scarce, it is worth more elsewhere.
 *
 * <p>A home is given up only while its page is owned, on its way home as far as others see: after a
 * mere look at the word, or a compare-and-set that owns nothing, the page could come home before
 * the memory goes, and its bytes would go with it. Waits for no page: what is kept or moving is
 * left as it is. Where somebody outside {@linkplain Pages#isHomeKept keeps the home}, none is.
 */
public final class HomeDiscard extends Operation {
    private long discarded;

    private HomeDiscard(Pages pages, long from, long to) {
        super(pages, Verb.DISCARD, PageWord.HOME, from, to);
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
        discard.run();
        return discard.discarded;
    }

    @Override
    @Nullable
    String reason() {
        return null; // they stay on their devices
    }

    @Override
    boolean isOver() {
        return pages.isHomeKept(); // so that pages are not disturbed in vain
    }

    @Override
    void meet(long word, Verdict verdict) {
        lose(next, word, verdict);
        next++;
    }

    @Override
    boolean meetInBatch(long page, long word, Verdict verdict) {
        return verdict != Verdict.DROP;
    }

    @Override
    void carry(Migration migration, long end) {
        if (pages.isHomeKept()) { // now that they are owned: until then it can begin
            migration.putBack();
        } else if (!migration.isEmpty() && migration.discardHomes()) {
            discarded += migration.lockedPages();
        }
    }

    @Override
    void moved() {
        // They have not.
    }

    @Override
    void failed(long page, long end, HighpageException failure) {
        next = end; // those pages keep their homes
    }

    @Override
    boolean awaitOthers() {
        return false;
    }

    @Override
    boolean awaitRoom(InTheWay way) {
        return false;
    }
}
