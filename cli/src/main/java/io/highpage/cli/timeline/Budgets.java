// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.recording.Recorded.BudgetReached;
import io.highpage.cli.recording.Recorded.TierUsage;

import java.util.List;
import java.util.Map;

/** What was taken of budgets, against their limits. */
final class Budgets {
    private final Axis axis;
    private final Groups<Of, Use> uses;

    Budgets(Axis axis) {
        this.axis = axis;
        uses = new Groups<>(new Of("", "other budgets", ""), Use::new);
    }

    /** Of which budget, in which tier. */
    record Of(String runtime, String budget, String tier) {
        @Override
        public String toString() {
            return runtime.isEmpty() || runtime.equals(budget) ? budget : runtime + " " + budget;
        }
    }

    /** What was taken of it. */
    static final class Use {
        final Level used = new Level();
        final Level limit = new Level();
        final Level reachedBy = new Level();
        long reached;

        /** {@return how much of the limit was taken at most, in thousandths of it} */
        long share() {
            long most = limit.most();
            return most <= 0 || most == Long.MAX_VALUE
                    ? 0
                    : (long) (1000.0 * used.most() / most) + reached * 1000;
        }
    }

    void add(TierUsage found) {
        Use use = uses.of(new Of(found.runtime(), found.budget(), found.tier()));
        int bin = axis.bin(found.when().end());
        use.used.setMost(bin, found.usedBytes());
        use.limit.set(bin, found.limitBytes());
    }

    void add(BudgetReached reached) {
        Use use = uses.of(new Of(reached.runtime(), reached.budget(), reached.tier()));
        int bin = axis.bin(reached.when().end());
        use.used.setMost(bin, reached.usedBytes());
        use.limit.set(bin, reached.limitBytes());
        use.reached++;
        use.reachedBy.set(bin, use.reached);
    }

    int count() {
        return uses.size();
    }

    /** {@return the fullest} */
    List<Map.Entry<Of, Use>> fullest(int most) {
        return uses.largest(most, Use::share);
    }
}
