// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import io.highpage.internal.outcome.OutcomeRuns;

import java.util.Map;

/**
 * The outcome of an operation for every page of a range, kept as runs of equal outcomes so that a
 * uniform range costs the same whatever its size. Immutable, hence thread-safe.
 */
public sealed interface PageOutcomes permits OutcomeRuns {

    /** A callback for {@link #forEachRun}. */
    @FunctionalInterface
    interface RunConsumer {
        /**
         * Takes one run.
         *
         * @param firstPage index of the run's first page in the buffer
         * @param pageCount number of pages, at least 1
         * @param outcome what they share
         */
        void accept(long firstPage, long pageCount, PageOutcome outcome);
    }

    /** {@return the index in the buffer of the range's first page} */
    long firstPage();

    /** {@return the number of pages of the range} */
    long pageCount();

    /**
     * {@return the outcome of one page}
     *
     * @param page index of the page in the buffer
     * @throws IndexOutOfBoundsException if the page is outside the range
     */
    PageOutcome of(long page);

    /**
     * {@return how many pages had an outcome}
     *
     * @param outcome the outcome to count
     */
    long count(PageOutcome outcome);

    /**
     * Walks the runs in page order.
     *
     * @param consumer called once a run
     */
    void forEachRun(RunConsumer consumer);

    /** {@return the page count of each outcome that occurred} */
    Map<PageOutcome, Long> counts();

    /**
     * {@return the first runs in words, such as {@code pages 0-3 already in place, page 4 held}}
     */
    @Override
    String toString();
}
