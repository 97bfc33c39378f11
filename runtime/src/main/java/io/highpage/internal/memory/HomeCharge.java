// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of a buffer's home is charged to its account. The home goes as a whole in the end, with
 * no look at its pages, so the sum is kept. Waits for nobody, makes no object. Thread-safe.
 */
final class HomeCharge {
    private final Account account;
    private final AtomicLong bytes = new AtomicLong();

    HomeCharge(Account account) {
        this.account = account;
    }

    Account account() {
        return account;
    }

    long bytes() {
        return bytes.get();
    }

    /** {@return the budget that refused, and nothing is charged then; null if it is charged} */
    @Nullable
    BudgetNode add(long more) {
        BudgetNode refused = account.charge(HomeWindow.TIER, more);
        if (refused == null) {
            // ORD volatile: no order is needed, only that nothing is lost; pairs with itself.
            bytes.addAndGet(more);
        }
        return refused;
    }

    /** Gives charged bytes back. Throws nothing. */
    void subtract(long less) {
        // ORD volatile: as add().
        long left = bytes.addAndGet(-less);
        assert left >= 0 : "a home in " + account.budget() + " has " + left + " bytes";
        account.uncharge(HomeWindow.TIER, less);
    }

    /** Gives all back. */
    void clear() {
        // ORD volatile: as add(): of two that give all back one has it.
        account.uncharge(HomeWindow.TIER, bytes.getAndSet(0));
    }
}
