// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.Keeper;
import io.highpage.Pin;
import io.highpage.Registration;

import org.jspecify.annotations.Nullable;

/**
 * The memory of a pin: what operations work in. It has slots of its own in the table, or lies in
 * the home of a whole buffer that has some. Guarded by the ring's lock.
 */
final class PinnedMemory extends RegisteredMemory {
    private final Pin pin;
    private final long address;
    private final long byteSize;
    private final @Nullable WholeMemory whole;

    /** Null before it is kept. */
    private @Nullable Registration registration;

    /** How many operations use it. */
    int operations;

    // Those of the same whole; of that, as whether it is in the list.
    @Nullable
    PinnedMemory next;

    @Nullable
    PinnedMemory previous;

    boolean listed;

    private PinnedMemory(Pin pin, long address, TableSlots slots, @Nullable WholeMemory whole) {
        super(slots);
        this.pin = pin;
        this.address = address;
        this.byteSize = pin.byteSize();
        this.whole = whole;
    }

    /** {@return memory that is to have slots of its own} */
    static PinnedMemory alone(Pin pin, long slotBytes) {
        long address = pin.address();
        return new PinnedMemory(
                pin, address, new TableSlots(address, pin.byteSize(), slotBytes), null);
    }

    /** {@return memory in the home of a buffer} */
    static PinnedMemory in(WholeMemory whole, Pin pin) {
        return new PinnedMemory(pin, pin.address(), whole.slots, whole);
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

    /** {@return the memory whose slots it uses; null if it has some of its own} */
    @Nullable
    WholeMemory whole() {
        return whole;
    }

    /** {@return the number of slots that it has itself} */
    int slotCount() {
        return whole == null ? slots.numbers.length : 0;
    }

    /** {@return the slot that an offset is in} */
    int slotOf(long offset) {
        return slots.numberOf(address + offset);
    }

    /** {@return how many bytes of an offset's slot follow it} */
    long leftOfSlot(long offset) {
        return slots.leftOfSlot(address + offset);
    }

    /** {@return the lengths of the pieces of a range, one for each slot that it touches} */
    int[] split(long offset, long bytes) {
        return slots.split(address + offset, bytes);
    }

    @Override
    void keep(Keeper keeper) {
        registration = pin.register(keeper);
    }

    @Override
    boolean isInTable() {
        return super.isInTable() && (whole == null || !whole.leaving);
    }

    @Override
    boolean isUsed() {
        return operations > 0;
    }

    @Override
    boolean isKept() {
        return registration != null && registration.isOpen();
    }

    @Override
    void letGo() {
        if (registration != null) {
            registration.close();
        }
        if (whole != null) {
            whole.remove(this);
            whole.releaseIfUnused();
        }
    }

    @Override
    public String toString() {
        return pin.toString();
    }
}
