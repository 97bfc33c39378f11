// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one buffer has taken of each tier, charged to a budget: a leaf of the tree, without limits
 * of its own. Waits for nobody. Thread-safe.
 */
public final class Account {
    private final BudgetNode budget;
    private final AtomicLongArray used;
    private final AtomicBoolean open = new AtomicBoolean();

    /** An account that counts in its budget once it is {@linkplain #open opened}. */
    public Account(BudgetNode budget) {
        this.budget = budget;
        this.used = new AtomicLongArray(budget.tiers());
    }

    /** {@return the budget that it is charged to} */
    public BudgetNode budget() {
        return budget;
    }

    /** {@return the bytes of a tier that are taken} */
    public long used(int tier) {
        return used.get(tier);
    }

    /**
     * Takes bytes of a tier. Makes no object.
     *
     * @return the budget that refused, and nothing is taken then; null if they are taken
     */
    public @Nullable BudgetNode charge(int tier, long bytes) {
        BudgetNode refused = budget.charge(tier, bytes);
        if (refused == null) {
            // ORD volatile: no order is needed, only that nothing is lost; pairs with itself.
            used.addAndGet(tier, bytes);
        }
        return refused;
    }

    /** Gives bytes back that were taken. Makes no object, and throws nothing. */
    public void uncharge(int tier, long bytes) {
        // ORD volatile: as charge().
        long left = used.addAndGet(tier, -bytes);
        assert left >= 0 : "a buffer in " + budget + " has " + left + " bytes of tier " + tier;
        budget.uncharge(tier, bytes);
    }

    /** Gives all bytes of a tier back. */
    public void unchargeAll(int tier) {
        // ORD volatile: as charge(): of two that give all back one has it.
        budget.uncharge(tier, used.getAndSet(tier, 0));
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
