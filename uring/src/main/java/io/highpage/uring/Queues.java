// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static io.highpage.bindings.linux.linux_h.IORING_OFF_SQES;
import static io.highpage.bindings.linux.linux_h.IORING_OFF_SQ_RING;

import io.highpage.bindings.linux.io_cqring_offsets;
import io.highpage.bindings.linux.io_sqring_offsets;
import io.highpage.bindings.linux.io_uring_cqe;
import io.highpage.bindings.linux.io_uring_params;
import io.highpage.bindings.linux.io_uring_sqe;
import io.highpage.internal.os.UringCalls;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The memory that a ring shares with the kernel. Reads and writes by offset, which allocates
 * nothing. Not thread-safe: the ring's lock guards it.
 */
final class Queues {
    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();
    private static final long CQE_BYTES = io_uring_cqe.layout().byteSize();
    private static final long SQE_BYTES = io_uring_sqe.layout().byteSize();

    private final UringCalls calls;
    private final long submitHead;
    private final long submitTail;
    private final int submitMask;
    private final long completeHead;
    private final long completeTail;
    private final int completeMask;
    private final long completions;

    /** The mappings: how many bytes from where, none when they are not there or no longer. */
    private long ringAddress;

    private long ringBytes;
    private long entriesAddress;
    private long entriesBytes;

    @SuppressWarnings("NullAway.Init") // map() comes before every use
    private MemorySegment ring;

    @SuppressWarnings("NullAway.Init") // map() comes before every use
    private MemorySegment entries;

    /**
     * How many entries were ever written; the kernel sees those that are {@linkplain #publish
     * published}.
     */
    int prepared;

    /** How many completions were ever taken; the kernel uses the place again when it is told. */
    int reaped;

    private int givenBack;

    /** Reads what {@code io_uring_setup} described. */
    Queues(UringCalls calls, MemorySegment params) {
        MemorySegment submit = io_uring_params.sq_off(params);
        MemorySegment complete = io_uring_params.cq_off(params);
        this.calls = calls;
        this.submitHead = io_sqring_offsets.head(submit);
        this.submitTail = io_sqring_offsets.tail(submit);
        this.submitMask = io_uring_params.sq_entries(params) - 1;
        this.completeHead = io_cqring_offsets.head(complete);
        this.completeTail = io_cqring_offsets.tail(complete);
        this.completeMask = io_uring_params.cq_entries(params) - 1;
        this.completions = io_cqring_offsets.cqes(complete);
    }

    /** Maps it. What is mapped when this fails is for {@link #unmap} to give back. */
    void map(int fd, MemorySegment params) throws RingException {
        int submitEntries = submitMask + 1;
        long array = io_sqring_offsets.array(io_uring_params.sq_off(params));
        // IORING_FEAT_SINGLE_MMAP: both queues are in one mapping.
        long byteSize = Math.max(
                array + submitEntries * (long) Integer.BYTES,
                completions + (completeMask + 1) * CQE_BYTES);
        ringAddress = map(fd, byteSize, IORING_OFF_SQ_RING());
        ringBytes = byteSize;
        entriesAddress = map(fd, submitEntries * SQE_BYTES, IORING_OFF_SQES());
        entriesBytes = submitEntries * SQE_BYTES;
        ring = UringCalls.memory(ringAddress, ringBytes);
        entries = UringCalls.memory(entriesAddress, entriesBytes);
        for (int i = 0;
                i < submitEntries;
                i++) { // entries are submitted in the order that they stand in
            ring.set(ValueLayout.JAVA_INT, array + i * (long) Integer.BYTES, i);
        }
    }

    private long map(int fd, long byteSize, long offset) throws RingException {
        long address = calls.map(fd, byteSize, offset);
        if (address < 0) {
            throw RingException.of(
                    "mmap", (int) -address, "byteSize=" + byteSize + " of a ring", "free memory");
        }
        return address;
    }

    /** {@return how many entries can be written} */
    int room() {
        return submitMask + 1 - unsubmitted();
    }

    /**
     * Writes an entry behind those that are prepared, and counts nothing. The caller sees to it
     * that there is room.
     *
     * @param address of memory, or the name of what is cancelled
     */
    void write(int behind, int opcode, int fd, long address, long userData) {
        assert behind < room() : "the submission queue is full";
        long entry = entry(behind);
        for (long word = 0; word < SQE_BYTES; word += Long.BYTES) {
            entries.set(ValueLayout.JAVA_LONG, entry + word, 0);
        }
        entries.set(ValueLayout.JAVA_BYTE, entry + io_uring_sqe.opcode$offset(), (byte) opcode);
        entries.set(ValueLayout.JAVA_INT, entry + io_uring_sqe.fd$offset(), fd);
        entries.set(ValueLayout.JAVA_LONG, entry + io_uring_sqe.addr$offset(), address);
        entries.set(ValueLayout.JAVA_LONG, entry + io_uring_sqe.user_data$offset(), userData);
    }

    /** Adds to an entry that has been written which bytes of the file it moves, and the slot. */
    void addBytes(int behind, long offset, int length, int slot) {
        long entry = entry(behind);
        entries.set(ValueLayout.JAVA_LONG, entry + io_uring_sqe.off$offset(), offset);
        entries.set(ValueLayout.JAVA_INT, entry + io_uring_sqe.len$offset(), length);
        entries.set(ValueLayout.JAVA_SHORT, entry + io_uring_sqe.buf_index$offset(), (short) slot);
    }

    private long entry(int behind) {
        return (prepared + behind & submitMask) * SQE_BYTES;
    }

    /** Shows the kernel what is prepared; it looks when it is entered. */
    void publish() {
        // ORD release: entries are written before the kernel sees them; pairs with the kernel's
        // acquire of the tail.
        WORD.setRelease(ring, submitTail, prepared);
    }

    /** {@return the number of entries that the kernel has not taken yet} */
    int unsubmitted() {
        // ORD acquire: the kernel has read an entry before its place is used again; pairs with the
        // kernel's release of the head.
        return prepared - (int) WORD.getAcquire(ring, submitHead);
    }

    /** {@return how many completions there ever were} */
    int completed() {
        // ORD acquire: completions are written before they are seen; pairs with the kernel's
        // release of the tail.
        return (int) WORD.getAcquire(ring, completeTail);
    }

    /** {@return whose the next completion is} */
    long userData() {
        return ring.get(ValueLayout.JAVA_LONG, completion() + io_uring_cqe.user_data$offset());
    }

    /** {@return what the next completion says} */
    int result() {
        return ring.get(ValueLayout.JAVA_INT, completion() + io_uring_cqe.res$offset());
    }

    private long completion() {
        return completions + (reaped & completeMask) * CQE_BYTES;
    }

    /** Lets the kernel use the places of what was reaped. */
    void giveBack() {
        if (givenBack == reaped) {
            return;
        }
        // ORD release: completions were read before their places are used again; pairs with the
        // kernel's acquire of the head.
        WORD.setRelease(ring, completeHead, reaped);
        givenBack = reaped;
    }

    /** Takes the mappings back. Goes on where it stopped. */
    void unmap() throws RingException {
        if (entriesBytes != 0) {
            unmap(entriesAddress, entriesBytes);
            entriesBytes = 0;
        }
        if (ringBytes != 0) {
            unmap(ringAddress, ringBytes);
            ringBytes = 0;
        }
    }

    private void unmap(long address, long byteSize) throws RingException {
        int result = calls.unmap(address, byteSize);
        if (result < 0) {
            throw RingException.of(
                    "munmap",
                    -result,
                    "byteSize=" + byteSize + " of a ring",
                    "close the ring again");
        }
    }
}
