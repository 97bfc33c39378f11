// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.recording.Recorded.BudgetReached;
import io.highpage.cli.recording.Recorded.TierUsage;

import java.util.List;
import java.util.Map;

/** What was taken of budgets, against their limits. */
final class Budgets {
    private static final int ROWS_MAX = 2048;

    private final Axis axis;
    private final Groups<Of, Use> uses;

    Budgets(Axis axis) {
        this.axis = axis;
        uses = new Groups<>(new Of("", "other budgets", ""), () -> new Use(axis));
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
        final Steps used;
        final Steps limit;
        final Steps reachedBy;
        long reached;

        Use(Axis axis) {
            used = new Steps(axis, Steps.Rule.MOST, ROWS_MAX);
            limit = new Steps(axis, Steps.Rule.LAST, ROWS_MAX);
            reachedBy = new Steps(axis, Steps.Rule.SUM, ROWS_MAX);
        }

        /** {@return all that is drawn of it} */
        List<Steps> all() {
            return List.of(used, limit, reachedBy);
        }

        /** {@return how much of the limit was taken at most, in thousandths of it} */
        long share() {
            long most = limit.most(0);
            return most <= 0 || most == Long.MAX_VALUE
                    ? 0
                    : (long) (1000.0 * used.most(0) / most) + reached * 1000;
        }
    }

    void add(TierUsage found) {
        Use use = uses.of(new Of(found.runtime(), found.budget(), found.tier()));
        long time = found.when().end();
        use.used.set(time, 0, found.usedBytes());
        use.limit.set(time, 0, found.limitBytes());
    }

    void add(BudgetReached reached) {
        Use use = uses.of(new Of(reached.runtime(), reached.budget(), reached.tier()));
        long time = reached.when().end();
        use.used.set(time, 0, reached.usedBytes());
        use.limit.set(time, 0, reached.limitBytes());
        if (axis.meets(reached.when())) {
            use.reached++;
            use.reachedBy.add(time, 0, 1);
        }
    }

    int count() {
        return uses.size();
    }

    /** {@return the fullest} */
    List<Map.Entry<Of, Use>> fullest(int most) {
        return uses.largest(most, Use::share);
    }
}
