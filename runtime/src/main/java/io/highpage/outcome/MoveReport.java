// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import io.highpage.internal.outcome.Moved;

import java.util.Optional;

/** What a best-effort move (prefetch, evict) did. Immutable, hence thread-safe. */
public sealed interface MoveReport permits Moved {

    /** {@return what became of every page of the range} */
    PageOutcomes outcomes();

    /**
     * {@return why the move ended early, or empty if it came to every page; pages that had not
     * moved by then are where they were}
     */
    Optional<HighpageException> failure();

    /** {@return the number of pages that moved} */
    default long movedPages() {
        return outcomes().count(PageOutcome.MOVED);
    }

    /** {@return whether every page of the range is now where the move wanted it} */
    default boolean complete() {
        return movedPages() + outcomes().count(PageOutcome.IN_PLACE)
                == outcomes().pageCount();
    }
}
