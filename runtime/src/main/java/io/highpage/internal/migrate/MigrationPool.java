// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import java.lang.foreign.Arena;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The batches of a runtime. As many as are used at the same time in usual programs have lists for
 * many runs, in native memory, and are kept. Those beyond that are small, so that thousands of
 * operations which wait for a slow driver cost little, and are left to the garbage collector.
 * Thread-safe.
 */
public final class MigrationPool {
    /** Together 1.8 MiB at most. */
    private static final int KEPT_MAX = 32;

    private final Arena arena;
    private final ConcurrentLinkedQueue<Migration> idle = new ConcurrentLinkedQueue<>();
    private final AtomicInteger made = new AtomicInteger(); // of those that are kept

    /**
     * Makes an empty pool.
     *
     * @param arena shared; owns the scratch memory of what is kept
     */
    public MigrationPool(Arena arena) {
        this.arena = arena;
    }

    Migration take() {
        Migration migration = idle.poll();
        if (migration != null) {
            return migration;
        }
        // ORD volatile: no more are kept than that; pairs with itself.
        if (made.getAndUpdate(count -> Math.min(count + 1, KEPT_MAX)) < KEPT_MAX) {
            return new Migration(arena);
        }
        return new Migration();
    }

    void give(Migration migration) {
        if (migration.isPooled()) {
            idle.add(migration);
        }
    }
}
