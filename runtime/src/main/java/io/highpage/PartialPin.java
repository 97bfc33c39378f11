// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.internal.core.PinnedParts;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PageOutcomes;

import java.util.List;

/** What {@link PageRange#pinPossible} could pin of a range. */
public sealed interface PartialPin extends AutoCloseable permits PinnedParts {

    /** {@return an open pin for each contiguous piece, in order; each may be closed on its own} */
    List<Pin> pins();

    /**
     * {@return for every page of the range {@link PageOutcome#IN_PLACE} if it is pinned now, else
     * why it is not}
     */
    PageOutcomes outcomes();

    /** {@return whether every page of the range is pinned} */
    default boolean complete() {
        return outcomes().count(PageOutcome.IN_PLACE) == outcomes().pageCount();
    }

    /**
     * Closes the pins that are still open. If some refuse, all others are closed; the first refusal
     * is thrown, the others are suppressed in it, and a second call goes on.
     */
    @Override
    void close();
}
