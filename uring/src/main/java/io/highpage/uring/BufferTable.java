// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static io.highpage.bindings.linux.linux_h.ENOMEM;
import static io.highpage.bindings.linux.linux_h.IORING_REGISTER_BUFFERS2;
import static io.highpage.bindings.linux.linux_h.IORING_REGISTER_BUFFERS_UPDATE;
import static io.highpage.bindings.linux.linux_h.IORING_RSRC_REGISTER_SPARSE;
import static io.highpage.bindings.linux.linux_h.IORING_UNREGISTER_BUFFERS;

import io.highpage.Keeper;
import io.highpage.Pin;
import io.highpage.bindings.linux.io_uring_rsrc_register;
import io.highpage.bindings.linux.io_uring_rsrc_update2;
import io.highpage.bindings.linux.iovec;
import io.highpage.internal.os.Errno;
import io.highpage.outcome.OutOfPageMemoryException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The buffers that the kernel knows by number. Guarded by the ring's lock. */
final class BufferTable {
    private final RingHandle ring;
    private final Keeper keeper;
    private final int slotCount;
    private final long slotBytes;

    /** Whose each slot is, null if it is free. */
    private final @Nullable RegisteredMemory[] owners;

    /** Whether the kernel has no table any more. */
    private boolean unregistered;

    // What the kernel is told, in memory that is there: emptying slots must need none.
    private final MemorySegment memory;
    private final MemorySegment change;

    /**
     * Makes an empty table. {@code slotBytes}: most memory of a slot, a multiple of the base page.
     */
    BufferTable(RingHandle ring, Keeper keeper, int slotCount, long slotBytes)
            throws RingException {
        this.ring = ring;
        this.keeper = keeper;
        this.slotCount = slotCount;
        this.slotBytes = slotBytes;
        this.owners = new RegisteredMemory[slotCount];
        Arena told = Arena.ofAuto();
        this.memory = iovec.allocate(told);
        this.change = io_uring_rsrc_update2.allocate(told);
        io_uring_rsrc_update2.nr(change, 1);
        io_uring_rsrc_update2.data(change, memory.address());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = io_uring_rsrc_register.allocate(arena);
            io_uring_rsrc_register.nr(table, slotCount);
            io_uring_rsrc_register.flags(table, IORING_RSRC_REGISTER_SPARSE());
            int result = ring.register(IORING_REGISTER_BUFFERS2(), table, (int) table.byteSize());
            if (result < 0) {
                throw RingException.of(
                        "io_uring_register(BUFFERS2)",
                        -result,
                        "slots=" + slotCount,
                        Advice.forRegister(-result));
            }
        }
    }

    int slotCount() {
        return slotCount;
    }

    /** {@return whom the runtime is told of} */
    Keeper keeper() {
        return keeper;
    }

    /** {@return the most memory of a slot} */
    long slotBytes() {
        return slotBytes;
    }

    int freeSlots() {
        int free = 0;
        for (RegisteredMemory owner : owners) {
            free += owner == null ? 1 : 0;
        }
        return free;
    }

    /** Takes pins in for buffers, all or none. */
    void addAll(List<Pin> pins, FixedBuffer[] buffers) throws IOException {
        int added = 0;
        try {
            for (; added < buffers.length; added++) {
                buffers[added].memory = add(pins.get(added));
            }
        } catch (Throwable refused) { // whatever it is, none of them must stay
            for (int i = 0; i < added; i++) {
                removeRefused(buffers[i].memory, refused);
            }
            throw refused;
        }
    }

    /** Takes a pin in, or not at all. */
    PinnedMemory add(Pin pin) throws IOException {
        PinnedMemory added = PinnedMemory.alone(pin, slotBytes);
        add(added);
        return added;
    }

    /**
     * Takes memory in: registers it with the runtime first, then with the kernel, or not at all.
     */
    void add(RegisteredMemory added) throws IOException {
        TableSlots slots = added.slots;
        int needed = slots.numbers.length;
        int free = freeSlots();
        if (needed > free) {
            throw new IllegalStateException("the table of " + keeper.name() + " is full: " + added
                    + " with " + slots.byteSize() + " bytes needs slots=" + needed + ", free are "
                    + free + " of " + slotCount
                    + "; remove other fixed buffers, or open the ring with more slots");
        }
        try {
            takeSlots(added);
            added.keep(keeper);
            for (int i = 0; i < needed; i++) {
                fill(added, i);
            }
        } catch (Throwable refused) { // whatever it is, nothing of it must stay registered
            removeRefused(added, refused);
            throw refused;
        }
    }

    private void takeSlots(RegisteredMemory added) {
        int[] numbers = added.slots.numbers;
        int slot = 0;
        for (int i = 0; i < numbers.length; slot++) {
            if (owners[slot] == null) {
                owners[slot] = added;
                numbers[i++] = slot;
                added.slotsTaken++;
            }
        }
    }

    private void fill(RegisteredMemory added, int index) throws RingException {
        TableSlots slots = added.slots;
        int number = slots.numbers[index];
        long address = slots.start(index);
        long byteSize = slots.start(index + 1) - address;
        // The slot of an empty pin stays empty: the kernel refuses a buffer of nothing.
        int result = byteSize == 0 ? 0 : update(number, address, byteSize);
        if (result >= 0) {
            return;
        }
        int count = slots.numbers.length;
        String values = "slot=" + number + " (part " + (index + 1) + " of " + count + ") bytes="
                + byteSize + " of " + added + " in " + keeper.name();
        if (result == -ENOMEM()) {
            long missing = slots.start(count) - address; // the parts before it are in
            throw new OutOfPageMemoryException(
                    "io_uring_register(BUFFERS_UPDATE) failed with " + Errno.describe(ENOMEM())
                            + ": " + values + "; " + Advice.forMemlock(missing),
                    false,
                    missing,
                    null);
        }
        throw RingException.of(
                "io_uring_register(BUFFERS_UPDATE)", -result, values, Advice.forRegister(-result));
    }

    /**
     * Changes a slot; no bytes empty it. {@return the kernel's answer, below 0 a negated error
     * number}
     */
    private int update(int slot, long address, long byteSize) {
        memory.set(ValueLayout.JAVA_LONG, iovec.iov_base$offset(), address);
        iovec.iov_len(memory, byteSize);
        io_uring_rsrc_update2.offset(change, slot);
        return ring.register(IORING_REGISTER_BUFFERS_UPDATE(), change, (int) change.byteSize());
    }

    /**
     * Takes out again what was not taken in whole, which nobody has, so no operation either; tells
     * a failure of that to another one. What others let go of stays for now: operations on it may
     * be prepared, and the kernel looks their slots up when they are submitted.
     */
    private void removeRefused(RegisteredMemory refused, Throwable why) {
        refused.leaving = true;
        try {
            for (int slot = 0; slot < slotCount; slot++) {
                if (owners[slot] == refused) {
                    empty(slot, refused);
                }
            }
        } catch (RingException failed) {
            why.addSuppressed(failed);
        }
    }

    /**
     * Takes out what is to leave, and goes on with what could not before; operations in flight go
     * on, those that are prepared have been submitted. Goes on where it stopped. Where the kernel
     * refuses, the memory stays registered until the next time.
     */
    void removeLeaving() throws RingException {
        for (int slot = 0; slot < slotCount && !unregistered; slot++) {
            RegisteredMemory gone = owners[slot];
            if (gone != null && gone.leaving) {
                empty(slot, gone);
            }
        }
    }

    /** Empties a slot. Allocates nothing, unless that fails. */
    private void empty(int slot, RegisteredMemory gone) throws RingException {
        int result = update(slot, 0, 0);
        if (result < 0) {
            throw RingException.of(
                    "io_uring_register(BUFFERS_UPDATE)",
                    -result,
                    "emptying slot=" + slot + " of " + keeper.name(),
                    Advice.forRegister(-result));
        }
        if (gone.slotsTaken == 1) {
            gone.leftTable();
        }
        owners[slot] = null;
        gone.slotsTaken--;
    }

    void removeAll() throws RingException {
        for (RegisteredMemory each : owners) {
            if (each != null) {
                each.leaving = true;
            }
        }
        removeLeaving();
    }

    /**
     * Takes the table itself away, once it is empty. Nothing may be in flight: older kernels wait
     * for it here.
     */
    void unregister() throws RingException {
        if (unregistered) {
            return;
        }
        int result = ring.register(IORING_UNREGISTER_BUFFERS(), MemorySegment.NULL, 0);
        if (result < 0) {
            throw RingException.of(
                    "io_uring_register(UNREGISTER_BUFFERS)",
                    -result,
                    keeper.name(),
                    Advice.forRegister(-result));
        }
        unregistered = true;
    }
}
