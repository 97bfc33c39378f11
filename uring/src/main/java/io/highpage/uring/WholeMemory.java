// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.HomeRegistration;
import io.highpage.Keeper;
import io.highpage.PageBuffer;

import org.jspecify.annotations.Nullable;

/**
 * The home of a whole buffer, kept by the kernel, with the pins of that buffer that operations use.
 * Guarded by the ring's lock.
 */
final class WholeMemory extends RegisteredMemory {
    private final HomeRegistration home;

    /** Pins that are in it, or whose operations have not ended; a list, to be changed by stores. */
    private @Nullable PinnedMemory first;

    WholeMemory(HomeRegistration home, long slotBytes) {
        super(new TableSlots(home.address().address(), home.buffer().byteSize(), slotBytes));
        this.home = home;
    }

    PageBuffer buffer() {
        return home.buffer();
    }

    /** Takes a pin of the buffer in; it is kept by the runtime afterwards. */
    void add(PinnedMemory pinned) {
        pinned.next = first;
        if (first != null) {
            first.previous = pinned;
        }
        first = pinned;
        pinned.listed = true;
    }

    /** Forgets one; a second time does nothing. */
    void remove(PinnedMemory pinned) {
        if (!pinned.listed) {
            return;
        }
        PinnedMemory before = pinned.previous;
        PinnedMemory after = pinned.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after != null) {
            after.previous = before;
        }
        pinned.listed = false;
    }

    /** It is already. */
    @Override
    void keep(Keeper keeper) {}

    /** With it go the pins in it, each when its last operation has ended. */
    @Override
    void leftTable() {
        for (PinnedMemory each = first; each != null; each = each.next) { // also once it is removed
            each.leftTable();
        }
        super.leftTable();
    }

    @Override
    boolean isUsed() {
        return first != null;
    }

    @Override
    boolean isKept() {
        return home.isOpen();
    }

    @Override
    void letGo() {
        home.close();
    }

    @Override
    public String toString() {
        return home.buffer().toString();
    }
}
