// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.work.SharedWork;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

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
    private final int threads;
    /** Those that are kept and not in use, each at its own place: giving one back makes nothing. */
    private final AtomicReferenceArray<Migration> idle = new AtomicReferenceArray<>(KEPT_MAX);

    private final AtomicInteger made = new AtomicInteger(); // of those that are kept

    /**
     * Makes an empty pool.
     *
     * @param arena shared; owns the scratch memory of what is kept
     */
    public MigrationPool(Arena arena) {
        this(arena, SharedWork.threads());
    }

    /**
     * Makes an empty pool.
     *
     * @param arena shared; owns the scratch memory of what is kept
     * @param threads how many share the copies of a batch at most, the caller included
     */
    public MigrationPool(Arena arena, int threads) {
        this.arena = arena;
        this.threads = threads;
    }

    Migration take() {
        int kept = made.get();
        for (int place = 0; place < kept; place++) {
            Migration migration = idle.get(place);
            // ORD volatile: what who had it before wrote is visible, and one takes it; pairs with
            // itself and with give().
            if (migration != null && idle.compareAndSet(place, migration, null)) {
                return migration;
            }
        }
        // ORD volatile: no more are kept than that; pairs with itself.
        int place = made.getAndUpdate(count -> Math.min(count + 1, KEPT_MAX));
        return place < KEPT_MAX ? new Migration(arena, place, threads) : new Migration(threads);
    }

    /**
     * Cannot fail: an operation gives its batch back when what it moved is published and counted,
     * and bytes that an access overwrites are gone then.
     */
    void give(Migration migration) {
        if (migration.place() >= 0) {
            // ORD volatile: pairs with take().
            idle.set(migration.place(), migration);
        }
    }
}
