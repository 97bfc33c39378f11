// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import java.util.Optional;

/**
 * What a best-effort move (prefetch, evict) did.
 *
 * @param outcomes what became of every page of the range
 * @param failure why the move ended early, or empty if it came to every page; pages that had not
 *     moved by then are where they were
 */
public record MoveReport(PageOutcomes outcomes, Optional<HighpageException> failure) {

    /** {@return the number of pages that moved} */
    public long movedPages() {
        return outcomes.count(PageOutcome.MOVED);
    }

    /** {@return whether every page of the range is now where the move wanted it} */
    public boolean complete() {
        return movedPages() + outcomes.count(PageOutcome.IN_PLACE) == outcomes.pageCount();
    }
}
