// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import java.lang.foreign.Arena;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The batches of a runtime: as many as there ever were operations at the same time. Thread-safe. */
public final class MigrationPool {
    private final Arena arena;
    private final ConcurrentLinkedQueue<Migration> idle = new ConcurrentLinkedQueue<>();

    /**
     * Makes an empty pool.
     *
     * @param arena shared; owns the scratch memory
     */
    public MigrationPool(Arena arena) {
        this.arena = arena;
    }

    Migration take() {
        Migration migration = idle.poll();
        return migration != null ? migration : new Migration(arena);
    }

    void give(Migration migration) {
        idle.add(migration);
    }
}
