// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * The outcome of an operation for every page of a range, kept as runs of equal outcomes so that a
 * uniform range costs the same whatever its size. Immutable once handed out, hence thread-safe.
 */
public final class PageOutcomes {
    private static final PageOutcome[] VALUES = PageOutcome.values();
    private static final int OUTCOME_BITS = 8;
    private static final int SHOWN_RUNS_MAX = 6;

    private final long firstPage;
    private long nextPage;
    private long[] runs = new long[2]; // first page of the run << OUTCOME_BITS | outcome
    private int runCount;

    private PageOutcomes(long firstPage) {
        this.firstPage = firstPage;
        this.nextPage = firstPage;
    }

    /** A callback for {@link #forEachRun}. */
    @FunctionalInterface
    public interface RunConsumer {
        /**
         * Takes one run.
         *
         * @param firstPage index of the run's first page in the buffer
         * @param pageCount number of pages, at least 1
         * @param outcome what they share
         */
        void accept(long firstPage, long pageCount, PageOutcome outcome);
    }

    /** Collects outcomes in page order. Confined to one thread. */
    public static final class Builder {
        private PageOutcomes outcomes;

        /**
         * Starts at a page.
         *
         * @param firstPage index of the first page of the range
         */
        public Builder(long firstPage) {
            outcomes = new PageOutcomes(firstPage);
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
        public PageOutcomes build() {
            PageOutcomes built = outcomes;
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

    /** {@return the index in the buffer of the range's first page} */
    public long firstPage() {
        return firstPage;
    }

    /** {@return the number of pages of the range} */
    public long pageCount() {
        return nextPage - firstPage;
    }

    /**
     * {@return the outcome of one page}
     *
     * @param page index of the page in the buffer
     * @throws IndexOutOfBoundsException if the page is outside the range
     */
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

    /**
     * {@return how many pages had an outcome}
     *
     * @param outcome the outcome to count
     */
    public long count(PageOutcome outcome) {
        long count = 0;
        for (int run = 0; run < runCount; run++) {
            if (outcomeOfRun(run) == outcome) {
                count += startOfRun(run + 1) - startOfRun(run);
            }
        }
        return count;
    }

    /**
     * Walks the runs in page order.
     *
     * @param consumer called once a run
     */
    public void forEachRun(RunConsumer consumer) {
        for (int run = 0; run < runCount; run++) {
            consumer.accept(
                    startOfRun(run), startOfRun(run + 1) - startOfRun(run), outcomeOfRun(run));
        }
    }

    /** {@return the page count of each outcome that occurred} */
    public Map<PageOutcome, Long> counts() {
        Map<PageOutcome, Long> counts = new EnumMap<>(PageOutcome.class);
        forEachRun((first, count, outcome) -> counts.merge(outcome, count, Long::sum));
        return counts;
    }

    /**
     * {@return the first runs in words, such as {@code pages 0-3 already in place, page 4 held}}
     */
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
