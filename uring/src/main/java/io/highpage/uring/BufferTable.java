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
import io.highpage.internal.os.Linux;
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
                buffers[i].memory.leaving = true;
            }
            removeLeaving(refused);
            throw refused;
        }
    }

    /** Takes a pin in: registers it with the runtime first, then with the kernel, or not at all. */
    RegisteredMemory add(Pin pin) throws IOException {
        MemorySegment segment = pin.segment();
        long first =
                Math.min(segment.byteSize(), slotBytes - segment.address() % Linux.basePageBytes());
        int needed = Math.toIntExact(1 + (segment.byteSize() - first + slotBytes - 1) / slotBytes);
        int free = freeSlots();
        if (needed > free) {
            throw new IllegalStateException("the table of " + keeper.name()
                    + " is full: the pin of " + segment.byteSize()
                    + " bytes needs slots=" + needed + ", free are " + free + " of " + slotCount
                    + "; remove other fixed buffers, or open the ring with more slots");
        }
        RegisteredMemory added = new RegisteredMemory(pin, new int[needed], first, slotBytes);
        try {
            takeSlots(added);
            added.registration = pin.register(keeper);
            for (int i = 0; i < needed; i++) {
                long start = added.slotStart(i);
                fill(added, i, segment.address() + start, added.slotStart(i + 1) - start);
            }
            return added;
        } catch (Throwable refused) { // whatever it is, the pin must not stay registered
            added.leaving = true;
            removeLeaving(refused);
            throw refused;
        }
    }

    private void takeSlots(RegisteredMemory added) {
        int slot = 0;
        for (int i = 0; i < added.slots.length; slot++) {
            if (owners[slot] == null) {
                owners[slot] = added;
                added.slots[i++] = slot;
                added.slotsTaken++;
            }
        }
    }

    private void fill(RegisteredMemory added, int slot, long address, long byteSize)
            throws RingException {
        int result = update(added.slots[slot], address, byteSize);
        if (result >= 0) {
            return;
        }
        String values =
                "slot=" + added.slots[slot] + " (part " + (slot + 1) + " of " + added.slots.length
                        + ") bytes=" + byteSize + " of " + added.pin() + " in " + keeper.name();
        if (result == -ENOMEM()) {
            throw new OutOfPageMemoryException(
                    "io_uring_register(BUFFERS_UPDATE) failed with " + Errno.describe(ENOMEM())
                            + ": " + values + "; " + Advice.forMemlock(byteSize),
                    false,
                    byteSize,
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
     * Takes out what is to leave, and goes on with what could not before; tells a failure of that
     * to another one.
     */
    private void removeLeaving(Throwable why) {
        try {
            removeLeaving();
        } catch (RingException refused) {
            why.addSuppressed(refused);
        }
    }

    /**
     * Takes out what is to leave; operations in flight go on. Goes on where it stopped. Emptying a
     * slot allocates nothing; where the kernel refuses all the same, the memory stays registered
     * until the next time.
     */
    void removeLeaving() throws RingException {
        for (int slot = 0; slot < slotCount && !unregistered; slot++) {
            RegisteredMemory gone = owners[slot];
            if (gone == null || !gone.leaving) {
                continue;
            }
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
