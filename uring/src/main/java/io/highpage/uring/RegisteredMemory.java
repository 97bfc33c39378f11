// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.Keeper;

/**
 * Memory in a ring's table, and what keeps it in the runtime: it is let go of when it is out of the
 * table and the last operation has completed. Guarded by the ring's lock.
 */
abstract sealed class RegisteredMemory permits PinnedMemory, WholeMemory {
    final TableSlots slots;

    /** How many of them it has. */
    int slotsTaken;

    /**
     * Whether it is to leave the table, or has left it; an attempt that failed is repeated. Read
     * without the lock.
     */
    volatile boolean leaving;

    private volatile boolean inTable = true; // read without the lock

    RegisteredMemory(TableSlots slots) {
        this.slots = slots;
    }

    /** Has the runtime keep it, before the kernel gets it; goes before anything can be let go. */
    abstract void keep(Keeper keeper);

    /** {@return whether operations may begin on it} */
    boolean isInTable() {
        return inTable;
    }

    /** The kernel has let it go; a second time does what the first could not. */
    void leftTable() {
        inTable = false;
        releaseIfUnused();
    }

    /** {@return whether it has been let go of} */
    final boolean isReleased() {
        return !inTable && !isUsed() && !isKept();
    }

    /** Lets go of it if nothing uses it any more; a second time does nothing. */
    final void releaseIfUnused() {
        if (!inTable && !isUsed()) {
            letGo();
        }
    }

    /** {@return whether something in the ring uses it} */
    abstract boolean isUsed();

    /** {@return whether the runtime keeps it} */
    abstract boolean isKept();

    /** Tells the runtime that it is kept no longer. Goes on where it stopped. */
    abstract void letGo();
}
