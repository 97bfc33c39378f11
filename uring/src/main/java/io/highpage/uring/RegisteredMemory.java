// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.Pin;
import io.highpage.Registration;

import org.jspecify.annotations.Nullable;

/**
 * The memory of a pin in a ring's table: which slots, how many operations use it. Lets go of the
 * pin when it is out of the table and the last operation has completed. Guarded by the ring's lock.
 */
final class RegisteredMemory {
    private final Pin pin;
    private final long address;
    private final long byteSize;
    private final long firstSlotBytes;
    private final long slotBytes;
    final int[] slots;

    /** How many of them it has. */
    int slotsTaken;

    /** With the pin from here on; null before. */
    @Nullable
    Registration registration;

    /** How many operations use it. */
    int operations;

    /** Whether it is to leave the table, or has left it; an attempt that failed is repeated. */
    boolean leaving;

    private volatile boolean inTable = true; // read without the lock

    /**
     * {@code firstSlotBytes}: what the first slot takes; the others take {@code slotBytes}, the
     * last what remains.
     */
    RegisteredMemory(Pin pin, int[] slots, long firstSlotBytes, long slotBytes) {
        this.pin = pin;
        this.address = pin.segment().address();
        this.byteSize = pin.byteSize();
        this.slots = slots;
        this.firstSlotBytes = firstSlotBytes;
        this.slotBytes = slotBytes;
    }

    Pin pin() {
        return pin;
    }

    long address() {
        return address;
    }

    long byteSize() {
        return byteSize;
    }

    /** {@return the slot that an offset is in} */
    int slotOf(long offset) {
        return slots[indexOf(offset)];
    }

    private int indexOf(long offset) {
        return offset < firstSlotBytes
                ? 0
                : Math.toIntExact(1 + (offset - firstSlotBytes) / slotBytes);
    }

    /** {@return how many bytes of an offset's slot follow it} */
    long leftOfSlot(long offset) {
        return slotStart(indexOf(offset) + 1) - offset;
    }

    /** {@return the lengths of the pieces of a range, one for each slot that it touches} */
    int[] split(long offset, long bytes) {
        int first = indexOf(offset);
        int[] lengths = new int[indexOf(offset + bytes - 1) - first + 1];
        for (int i = 0; i < lengths.length; i++) {
            long start = Math.max(offset, slotStart(first + i));
            lengths[i] =
                    Math.toIntExact(Math.min(offset + bytes, slotStart(first + i + 1)) - start);
        }
        return lengths;
    }

    /** {@return where a slot begins, as an offset; of the one behind the last, the end} */
    long slotStart(int slot) {
        return slot == 0 ? 0 : Math.min(byteSize, firstSlotBytes + (slot - 1) * slotBytes);
    }

    void leftTable() {
        inTable = false;
        releaseIfUnused();
    }

    boolean isInTable() {
        return inTable;
    }

    /** {@return whether it has let go of the pin} */
    boolean isReleased() {
        return !inTable && operations == 0 && (registration == null || !registration.isOpen());
    }

    /** Lets go of the pin if nothing uses its memory any more; a second time does nothing. */
    void releaseIfUnused() {
        if (!inTable && operations == 0 && registration != null) {
            registration.close();
        }
    }
}
