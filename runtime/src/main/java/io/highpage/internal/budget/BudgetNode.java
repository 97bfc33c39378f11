// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.budget;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A budget: of each tier a limit, and what has been taken, by itself and by the budgets below it.
 * What is taken is charged to every budget from the one of the buffer up to the root, one addition
 * each, and taken back where one refuses. So a budget never has what the one above it has not, and
 * the sums are exact whenever nothing is under way. While something is, a charge that will be taken
 * back may keep another one out that would have fit: it is refused for now, as if it had come
 * later.
 *
 * <p>A charge waits for nobody and makes no object, so it can be made while pages are owned, and
 * cannot fail half way for want of heap. Thread-safe.
 */
public final class BudgetNode {
    private static final long CLOSED = -1;

    private final String name;
    private final @Nullable BudgetNode parent;
    private final AtomicLongArray limits;
    private final AtomicLongArray used;
    private final AtomicLong refusals; // of all budgets of the tree

    /** How many accounts and groups are open in it; {@link #CLOSED} for good. */
    private final AtomicLong members = new AtomicLong();

    private final List<BudgetNode> groups = new CopyOnWriteArrayList<>();

    private BudgetNode(String name, @Nullable BudgetNode parent, int tiers, long limit) {
        this.name = name;
        this.parent = parent;
        this.limits = new AtomicLongArray(tiers);
        this.used = new AtomicLongArray(tiers);
        this.refusals = parent == null ? new AtomicLong() : parent.refusals;
        for (int tier = 0; tier < tiers; tier++) {
            limits.setPlain(tier, limit);
        }
    }

    /** {@return a budget that is in no other, without limits} */
    public static BudgetNode root(String name, int tiers) {
        return new BudgetNode(name, null, tiers, Long.MAX_VALUE);
    }

    /**
     * {@return a budget in this one, which counts there once it is {@linkplain #open opened}}
     *
     * @param bytes its limit of every tier, at least 0
     */
    public BudgetNode group(String group, long bytes) {
        return new BudgetNode(group, this, limits.length(), bytes);
    }

    // ---- what it is ----

    /** {@return its own name} */
    public String name() {
        return name;
    }

    /** {@return the budget that it is in; null of the root} */
    public @Nullable BudgetNode parent() {
        return parent;
    }

    /** {@return the budget that all are in} */
    public BudgetNode root() {
        return parent == null ? this : parent.root();
    }

    /** {@return the open budgets in it, in the order in which they were opened; a snapshot} */
    public List<BudgetNode> groups() {
        return List.copyOf(groups);
    }

    /** {@return how many tiers there are: home and the devices} */
    public int tiers() {
        return limits.length();
    }

    /** {@return the most bytes of a tier that may be taken, at least 0} */
    public long limit(int tier) {
        return limits.get(tier);
    }

    /** Changes a limit. Below what is in use it refuses what is new, and takes nothing away. */
    public void limit(int tier, long bytes) {
        assert bytes >= 0 : "a limit of " + bytes;
        // ORD volatile: charges from now on see it; pairs with add().
        limits.set(tier, bytes);
    }

    /** {@return the bytes of a tier that are taken} */
    public long used(int tier) {
        return used.get(tier);
    }

    /** {@return how often a budget of the tree has refused} */
    public long refusals() {
        return refusals.get();
    }

    /** {@return the budget, from this one up, that limits a tier most; the lower one of equals} */
    public BudgetNode tightest(int tier) {
        BudgetNode tightest = this;
        for (BudgetNode above = parent; above != null; above = above.parent) {
            if (above.limit(tier) < tightest.limit(tier)) {
                tightest = above;
            }
        }
        return tightest;
    }

    /** {@return whether it is a budget, or in one, or in one that is in it, and so on} */
    public boolean isWithin(BudgetNode budget) {
        for (BudgetNode above = this; above != null; above = above.parent) {
            if (above == budget) {
                return true;
            }
        }
        return false;
    }

    // ---- charges ----

    /**
     * Takes bytes of a tier.
     *
     * @return the budget that refused, and nothing is taken then; null if they are taken
     */
    @Nullable
    BudgetNode charge(int tier, long bytes) {
        for (BudgetNode node = this; node != null; node = node.parent) {
            if (!node.add(tier, bytes)) {
                // ORD volatile: no order is needed, only that none is lost; pairs with itself.
                refusals.incrementAndGet();
                uncharge(tier, bytes, node);
                return node;
            }
        }
        return null;
    }

    private boolean add(int tier, long bytes) {
        while (true) {
            long now = used.get(tier);
            if (bytes > limits.get(tier) - now) {
                return false;
            }
            // ORD volatile: no byte is given twice; pairs with itself and subtract().
            if (used.compareAndSet(tier, now, now + bytes)) {
                return true;
            }
        }
    }

    /** Gives bytes back that were taken. */
    void uncharge(int tier, long bytes) {
        uncharge(tier, bytes, null);
    }

    private void uncharge(int tier, long bytes, @Nullable BudgetNode end) {
        for (BudgetNode node = this; node != null && node != end; node = node.parent) {
            node.subtract(tier, bytes);
        }
    }

    private void subtract(int tier, long bytes) {
        // ORD volatile: what was given back can be taken; pairs with add().
        long left = used.addAndGet(tier, -bytes);
        assert left >= 0 : this + " has " + left + " bytes of tier " + tier;
    }

    // ---- the end ----

    /**
     * Counts a budget in the one above it.
     *
     * @throws IllegalStateException if that is closed
     */
    public void open() {
        BudgetNode above = above();
        above.enter();
        try {
            above.groups.add(this);
        } catch (Throwable failure) { // no memory for the list
            above.leave();
            throw failure;
        }
    }

    /**
     * Closes it, unless accounts or budgets are open in it. Goes on where it stopped if it is
     * called again.
     *
     * @return whether it is closed
     */
    public boolean tryClose() {
        // ORD volatile: of a close and an opening in it one comes first; pairs with enter().
        if (!members.compareAndSet(0, CLOSED) && isOpen()) {
            return false;
        }
        BudgetNode above = above();
        if (above.groups.remove(this)) {
            above.leave();
        }
        return true;
    }

    private BudgetNode above() {
        return Objects.requireNonNull(parent, "the root is open from the start, for good");
    }

    /** {@return whether it has not been closed} */
    public boolean isOpen() {
        return members.get() != CLOSED;
    }

    /** Counts an account, or a budget. */
    void enter() {
        while (true) {
            long now = members.get();
            if (now == CLOSED) {
                throw new IllegalStateException("budget " + this + " is closed");
            }
            // ORD volatile: as tryClose().
            if (members.compareAndSet(now, now + 1)) {
                return;
            }
        }
    }

    void leave() {
        // ORD volatile: what it had was given back before; pairs with tryClose().
        members.decrementAndGet();
    }

    /** {@return its name after those of the budgets that it is in} */
    @Override
    public String toString() {
        return parent == null ? name : parent + "/" + name;
    }
}
