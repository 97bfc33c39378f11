// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A budget with room for one, and two that charge: a buffer of its own, and one in a group in it.
 * One of them is refused, and leaves nothing.
 *
 * <p>Outcome: the own one, the other one, bytes in use in the end.
 */
public class ChargeCharge {
    private static final long BYTES = 8;

    /** As it is. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, 8", expect = ACCEPTABLE, desc = "Its own buffer came first.")
    @Outcome(id = "0, 1, 8", expect = ACCEPTABLE, desc = "The other one did.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "Both have what is there once, or none, or something stays.")
    public static class Shipped {
        private final BudgetNode budget = BudgetNode.root("limited", 1);
        private final BudgetNode group = budget.group("in it", BYTES);
        private final Account own = new Account(budget);
        private final Account other = new Account(group);

        /** Sets the limit. */
        public Shipped() {
            budget.limit(0, BYTES);
        }

        @Actor
        public void own(III_Result r) {
            r.r1 = own.charge(0, BYTES) == null ? 1 : 0;
        }

        @Actor
        public void other(III_Result r) {
            r.r2 = other.charge(0, BYTES) == null ? 1 : 0;
        }

        @Arbiter
        public void end(III_Result r) {
            boolean sums = group.used(0) == r.r2 * BYTES && budget.used(0) == (r.r1 + r.r2) * BYTES;
            r.r3 = sums ? (int) budget.used(0) : -1;
        }
    }

    /** Looks whether there is room, and takes it afterwards. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, 8", expect = ACCEPTABLE, desc = "Its own buffer came first.")
    @Outcome(id = "0, 1, 8", expect = ACCEPTABLE, desc = "The other one did.")
    @Outcome(
            id = "1, 1, 16",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: both have what is there once.")
    @Outcome(expect = FORBIDDEN, desc = "Not expected.")
    public static class Weakened {
        private final AtomicLong used = new AtomicLong();

        private int charge() {
            if (used.get() + BYTES > BYTES) {
                return 0;
            }
            Gap.widen();
            used.addAndGet(BYTES);
            return 1;
        }

        @Actor
        public void own(III_Result r) {
            r.r1 = charge();
        }

        @Actor
        public void other(III_Result r) {
            r.r2 = charge();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = used.intValue();
        }
    }
}
