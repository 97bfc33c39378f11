// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.memory.Reservation.NeverFits;
import io.highpage.internal.memory.Reservation.NotNow;

/**
 * Room that was refused: of what, to whom and by whom, with the numbers of that moment.
 *
 * @param where of which tier
 * @param asked the budget for which it was asked
 * @param budget the budget that refused: that one, or one that it is in
 * @param requestedBytes what was asked for
 * @param usedBytes what the budget that refused has in use, or reserved
 * @param limitBytes the most that it may have
 */
public record Refused(
        TierName where,
        BudgetNode asked,
        BudgetNode budget,
        long requestedBytes,
        long usedBytes,
        long limitBytes) {

    /** {@return what a budget has refused just now} */
    static Refused of(BudgetNode budget, Account account, TierName where, long requestedBytes) {
        return new Refused(
                where,
                account.budget(),
                budget,
                requestedBytes,
                budget.used(where.number()),
                budget.limit(where.number()));
    }

    /** {@return what that means for whoever asked: not now, or that it never fits} */
    Reservation reservation() {
        BudgetNode tightest = asked.tightest(tier());
        long most = tightest.limit(tier());
        return requestedBytes > most
                ? new NeverFits(
                        new Refused(
                                where,
                                asked,
                                tightest,
                                requestedBytes,
                                tightest.used(tier()),
                                most),
                        most)
                : new NotNow(this, "");
    }

    /** {@return the number of the tier} */
    public int tier() {
        return where.number();
    }

    boolean isHome() {
        return where.isHome();
    }

    /** {@return the budget that refused in words, with who had asked where that is another one} */
    String by() {
        return "budget " + budget + (asked == budget ? "" : " (asked by " + asked + ")");
    }

    /** {@return another budget that would have refused too, since it limits the tier more} */
    String alsoBy() {
        BudgetNode tightest = asked.tightest(tier());
        return tightest == budget || tightest.limit(tier()) >= limitBytes
                ? ""
                : "; budget " + tightest + " allows only " + tightest.limit(tier());
    }
}
