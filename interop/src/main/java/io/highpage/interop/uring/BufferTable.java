// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.uring;

import static io.highpage.bindings.linux.linux_h.ENOMEM;
import static io.highpage.bindings.linux.linux_h.IORING_REGISTER_BUFFERS2;
import static io.highpage.bindings.linux.linux_h.IORING_REGISTER_BUFFERS_UPDATE;
import static io.highpage.bindings.linux.linux_h.IORING_RSRC_REGISTER_SPARSE;
import static io.highpage.bindings.linux.linux_h.IORING_UNREGISTER_BUFFERS;

import io.highpage.Keeper;
import io.highpage.OutOfPageMemoryException;
import io.highpage.Pin;
import io.highpage.Registration;
import io.highpage.bindings.linux.io_uring_rsrc_register;
import io.highpage.bindings.linux.io_uring_rsrc_update2;
import io.highpage.bindings.linux.iovec;
import io.highpage.internal.os.Errno;
import io.highpage.internal.os.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The buffers that the kernel knows by number. Guarded by the ring's lock. */
final class BufferTable {
    private final RingHandle ring;
    private final Keeper keeper;
    private final int slotCount;
    private final long slotBytes;
    private final BitSet taken = new BitSet();
    private final List<Kept> kept = new ArrayList<>();

    /** Makes an empty table. {@code slotBytes}: most memory of a slot, a multiple of the base page. */
    BufferTable(RingHandle ring, Keeper keeper, int slotCount, long slotBytes) throws RingException {
        this.ring = ring;
        this.keeper = keeper;
        this.slotCount = slotCount;
        this.slotBytes = slotBytes;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = io_uring_rsrc_register.allocate(arena);
            io_uring_rsrc_register.nr(table, slotCount);
            io_uring_rsrc_register.flags(table, IORING_RSRC_REGISTER_SPARSE());
            int result = ring.register(IORING_REGISTER_BUFFERS2(), table, (int) table.byteSize());
            if (result < 0) {
                throw RingException.of(
                        "io_uring_register(BUFFERS2)", -result, "slots=" + slotCount, Advice.forRegister(-result));
            }
        }
    }

    int slotCount() {
        return slotCount;
    }

    int freeSlots() {
        return slotCount - taken.cardinality();
    }

    /** Takes pins in, all or none. */
    List<Kept> addAll(List<Pin> pins) throws IOException {
        List<Kept> added = new ArrayList<>();
        try {
            for (Pin pin : pins) {
                added.add(add(pin));
            }
            return added;
        } catch (IOException | RuntimeException refused) {
            added.forEach(each -> undo(each, refused));
            throw refused;
        }
    }

    /** Takes a pin in: registers it with the runtime first, then with the kernel, or not at all. */
    Kept add(Pin pin) throws IOException {
        MemorySegment memory = pin.segment();
        long first = Math.min(memory.byteSize(), slotBytes - memory.address() % Linux.basePageBytes());
        int needed = Math.toIntExact(1 + (memory.byteSize() - first + slotBytes - 1) / slotBytes);
        if (needed > freeSlots()) {
            throw new IllegalStateException(
                    "the table of " + keeper.name() + " is full: the pin of " + memory.byteSize()
                            + " bytes needs slots=" + needed + ", free are " + freeSlots() + " of " + slotCount
                            + "; remove other fixed buffers, or open the ring with more slots");
        }
        Registration registration = pin.register(keeper);
        Kept added = new Kept(registration, takeSlots(needed), first, slotBytes);
        kept.add(added);
        try {
            for (int i = 0; i < needed; i++) {
                long start = added.slotStart(i);
                fill(added, i, memory.address() + start, added.slotStart(i + 1) - start);
            }
            return added;
        } catch (IOException | RuntimeException refused) {
            undo(added, refused);
            throw refused;
        }
    }

    private void undo(Kept added, Exception why) {
        try {
            remove(added);
        } catch (RingException refused) {
            why.addSuppressed(refused);
        }
    }

    private int[] takeSlots(int count) {
        int[] slots = new int[count];
        for (int i = 0; i < count; i++) {
            slots[i] = taken.nextClearBit(0);
            taken.set(slots[i]);
        }
        return slots;
    }

    private void fill(Kept added, int slot, long address, long byteSize) throws RingException {
        int result = update(added.slots[slot], address, byteSize);
        if (result >= 0) {
            return;
        }
        String values = "slot=" + added.slots[slot] + " (part " + (slot + 1) + " of " + added.slots.length + ") bytes="
                + byteSize + " of " + added.pin() + " in " + keeper.name();
        if (result == -ENOMEM()) {
            throw new OutOfPageMemoryException(
                    "io_uring_register(BUFFERS_UPDATE) failed with " + Errno.describe(ENOMEM()) + ": " + values + "; "
                            + Advice.forMemlock(byteSize),
                    false,
                    byteSize,
                    null);
        }
        throw RingException.of("io_uring_register(BUFFERS_UPDATE)", -result, values, Advice.forRegister(-result));
    }

    /** Changes a slot; no bytes empty it. {@return the kernel's answer, below 0 a negated error number} */
    private int update(int slot, long address, long byteSize) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = iovec.allocate(arena);
            iovec.iov_base(memory, MemorySegment.ofAddress(address));
            iovec.iov_len(memory, byteSize);
            MemorySegment change = io_uring_rsrc_update2.allocate(arena);
            io_uring_rsrc_update2.offset(change, slot);
            io_uring_rsrc_update2.nr(change, 1);
            io_uring_rsrc_update2.data(change, memory.address());
            return ring.register(IORING_REGISTER_BUFFERS_UPDATE(), change, (int) change.byteSize());
        }
    }

    /**
     * Takes memory out; operations in flight go on. Emptying a slot allocates nothing; where the kernel refuses all the
     * same, the memory stays kept until the ring closes.
     */
    void remove(Kept gone) throws RingException {
        for (int slot : gone.slots) {
            int result = update(slot, 0, 0);
            if (result < 0) {
                throw RingException.of(
                        "io_uring_register(BUFFERS_UPDATE)",
                        -result,
                        "emptying slot=" + slot + " of " + keeper.name(),
                        Advice.forRegister(-result));
            }
        }
        for (int slot : gone.slots) {
            taken.clear(slot);
        }
        kept.remove(gone);
        gone.leftTable();
    }

    void removeAll() throws RingException {
        for (Kept each : List.copyOf(kept)) {
            remove(each);
        }
    }

    /** Takes the table itself away, with whatever is in it. Nothing may be in flight: older kernels wait for it here. */
    void unregister() throws RingException {
        int result = ring.register(IORING_UNREGISTER_BUFFERS(), MemorySegment.NULL, 0);
        if (result < 0) {
            throw RingException.of(
                    "io_uring_register(UNREGISTER_BUFFERS)", -result, keeper.name(), Advice.forRegister(-result));
        }
        kept.forEach(Kept::leftTable);
        kept.clear();
    }
}
