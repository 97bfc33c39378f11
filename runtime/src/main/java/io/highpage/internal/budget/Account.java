// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What one buffer takes is charged through it to a budget. It has no limits and no sums of its own:
 * what a buffer has taken is known where it is taken, in its home and its device windows. Waits for
 * nobody. Thread-safe.
 */
public final class Account {
    private final BudgetNode budget;
    private final AtomicBoolean open = new AtomicBoolean();

    /** An account that counts in its budget once it is {@linkplain #open opened}. */
    public Account(BudgetNode budget) {
        this.budget = budget;
    }

    /** {@return the budget that it is charged to} */
    public BudgetNode budget() {
        return budget;
    }

    /**
     * Takes bytes of a tier. Makes no object.
     *
     * @return the budget that refused, and nothing is taken then; null if they are taken
     */
    public @Nullable BudgetNode charge(int tier, long bytes) {
        return budget.charge(tier, bytes);
    }

    /** Gives bytes back that were taken. Makes no object, and throws nothing. */
    public void uncharge(int tier, long bytes) {
        budget.uncharge(tier, bytes);
    }

    /**
     * Keeps the budget open.
     *
     * @throws IllegalStateException if it is closed
     */
    public void open() {
        budget.enter();
        open.setPlain(true);
    }

    /** Lets the budget close; once, or if it was never opened, nothing. */
    public void close() {
        // ORD volatile: of two that close it one leaves; pairs with itself.
        if (open.compareAndSet(true, false)) {
            budget.leave();
        }
    }
}
