// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.outcome;

import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PageOutcomes;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;

/** Runs of equal outcomes, so that a uniform range costs the same whatever its size. */
public final class OutcomeRuns implements PageOutcomes {
    private static final PageOutcome[] VALUES = PageOutcome.values();
    private static final int OUTCOME_BITS = 8;
    private static final int SHOWN_RUNS_MAX = 6;

    private final long firstPage;
    private long nextPage;
    private long[] runs = new long[2]; // first page of the run << OUTCOME_BITS | outcome
    private int runCount;

    private OutcomeRuns(long firstPage) {
        this.firstPage = firstPage;
        this.nextPage = firstPage;
    }

    /** Collects outcomes in page order. Confined to one thread. */
    public static final class Builder {
        private OutcomeRuns outcomes;

        /**
         * Starts at a page.
         *
         * @param firstPage index of the first page of the range
         */
        public Builder(long firstPage) {
            outcomes = new OutcomeRuns(firstPage);
        }

        /**
         * Appends pages.
         *
         * @param pageCount number of pages, 0 or more
         * @param outcome what they share
         * @return this
         */
        public Builder add(long pageCount, PageOutcome outcome) {
            outcomes.append(pageCount, outcome);
            return this;
        }

        /** {@return the index of the page that the next {@link #add} starts with} */
        public long nextPage() {
            return outcomes.nextPage;
        }

        /** {@return what was collected; the builder must not be used afterwards} */
        @SuppressWarnings("NullAway") // null from here on: whoever goes on fails
        public PageOutcomes build() {
            OutcomeRuns built = outcomes;
            outcomes = null;
            return built;
        }
    }

    private void append(long pageCount, PageOutcome outcome) {
        if (pageCount <= 0) {
            return;
        }
        if (runCount == 0 || outcomeOfRun(runCount - 1) != outcome) {
            if (runCount == runs.length) {
                runs = Arrays.copyOf(runs, runCount * 2);
            }
            runs[runCount++] = nextPage << OUTCOME_BITS | outcome.ordinal();
        }
        nextPage += pageCount;
    }

    private PageOutcome outcomeOfRun(int run) {
        return VALUES[(int) (runs[run] & ((1 << OUTCOME_BITS) - 1))];
    }

    private long startOfRun(int run) {
        return run == runCount ? nextPage : runs[run] >>> OUTCOME_BITS;
    }

    /**
     * {@return the outcome with an ordinal}
     *
     * @param ordinal as {@link PageOutcome#ordinal()}
     */
    public static PageOutcome outcome(int ordinal) {
        return VALUES[ordinal];
    }

    @Override
    public long firstPage() {
        return firstPage;
    }

    @Override
    public long pageCount() {
        return nextPage - firstPage;
    }

    @Override
    public PageOutcome of(long page) {
        if (page < firstPage || page >= nextPage) {
            throw new IndexOutOfBoundsException(
                    "page=" + page + " is outside pages " + firstPage + ".." + (nextPage - 1));
        }
        int low = 0;
        int high = runCount - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (startOfRun(middle) <= page) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return outcomeOfRun(low);
    }

    @Override
    public long count(PageOutcome outcome) {
        long count = 0;
        for (int run = 0; run < runCount; run++) {
            if (outcomeOfRun(run) == outcome) {
                count += startOfRun(run + 1) - startOfRun(run);
            }
        }
        return count;
    }

    @Override
    public void forEachRun(RunConsumer consumer) {
        for (int run = 0; run < runCount; run++) {
            consumer.accept(
                    startOfRun(run), startOfRun(run + 1) - startOfRun(run), outcomeOfRun(run));
        }
    }

    @Override
    public Map<PageOutcome, Long> counts() {
        Map<PageOutcome, Long> counts = new EnumMap<>(PageOutcome.class);
        forEachRun((first, count, outcome) -> counts.merge(outcome, count, Long::sum));
        return counts;
    }

    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ");
        for (int run = 0; run < Math.min(runCount, SHOWN_RUNS_MAX); run++) {
            long first = startOfRun(run);
            long last = startOfRun(run + 1) - 1;
            text.add((first == last ? "page " + first : "pages " + first + "-" + last) + " "
                    + outcomeOfRun(run).text());
        }
        if (runCount > SHOWN_RUNS_MAX) {
            text.add((runCount - SHOWN_RUNS_MAX) + " more runs");
        }
        return text.toString();
    }
}
