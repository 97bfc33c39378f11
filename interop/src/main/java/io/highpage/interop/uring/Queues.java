// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.uring;

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

/** The memory that a ring shares with the kernel. Not thread-safe: the ring's lock guards it. */
final class Queues {
    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();
    private static final long CQE_BYTES = io_uring_cqe.layout().byteSize();
    private static final long SQE_BYTES = io_uring_sqe.layout().byteSize();

    /** Takes a completion. */
    @FunctionalInterface
    interface Completed {
        void accept(long userData, int result);
    }

    private final UringCalls calls;
    private final MemorySegment ring;
    private final MemorySegment entries;
    private final long submitHead;
    private final long submitTail;
    private final int submitMask;
    private final long completeHead;
    private final long completeTail;
    private final int completeMask;
    private final long completions;

    /** Where the next entry goes; the kernel sees it when it is published. */
    private int prepared;

    /** Maps what {@code io_uring_setup} described. */
    Queues(UringCalls calls, int fd, MemorySegment params) throws RingException {
        MemorySegment submit = io_uring_params.sq_off(params);
        MemorySegment complete = io_uring_params.cq_off(params);
        int submitEntries = io_uring_params.sq_entries(params);
        int completeEntries = io_uring_params.cq_entries(params);
        this.calls = calls;
        this.submitHead = io_sqring_offsets.head(submit);
        this.submitTail = io_sqring_offsets.tail(submit);
        this.submitMask = submitEntries - 1;
        this.completeHead = io_cqring_offsets.head(complete);
        this.completeTail = io_cqring_offsets.tail(complete);
        this.completeMask = completeEntries - 1;
        this.completions = io_cqring_offsets.cqes(complete);
        long array = io_sqring_offsets.array(submit);
        // IORING_FEAT_SINGLE_MMAP: both queues are in one mapping.
        long byteSize =
                Math.max(array + submitEntries * (long) Integer.BYTES, completions + completeEntries * CQE_BYTES);
        this.ring = map(fd, byteSize, IORING_OFF_SQ_RING());
        try {
            this.entries = map(fd, submitEntries * SQE_BYTES, IORING_OFF_SQES());
        } catch (RingException failed) {
            calls.unmap(ring);
            throw failed;
        }
        for (int i = 0; i < submitEntries; i++) { // entries are submitted in the order that they stand in
            ring.set(ValueLayout.JAVA_INT, array + i * (long) Integer.BYTES, i);
        }
    }

    @SuppressWarnings("restricted")
    private MemorySegment map(int fd, long byteSize, long offset) throws RingException {
        long address = calls.map(fd, byteSize, offset);
        if (address < 0) {
            throw RingException.of("mmap", (int) -address, "byteSize=" + byteSize + " of a ring", "free memory");
        }
        return MemorySegment.ofAddress(address).reinterpret(byteSize);
    }

    /** Prepares an operation. The caller sees to it that there is room. */
    void prepare(int opcode, int fd, long offset, long address, int length, int slot, long userData) {
        assert unsubmitted() <= submitMask : "the submission queue is full";
        MemorySegment entry = entries.asSlice((prepared & submitMask) * SQE_BYTES, SQE_BYTES);
        entry.fill((byte) 0);
        io_uring_sqe.opcode(entry, (byte) opcode);
        io_uring_sqe.fd(entry, fd);
        io_uring_sqe.off(entry, offset);
        io_uring_sqe.addr(entry, address);
        io_uring_sqe.len(entry, length);
        io_uring_sqe.buf_index(entry, (short) slot);
        io_uring_sqe.user_data(entry, userData);
        prepared++;
        // ORD release: the entry is written before the kernel sees it; pairs with the kernel's acquire of the tail.
        WORD.setRelease(ring, submitTail, prepared);
    }

    /** {@return the number of operations that the kernel has not taken yet} */
    int unsubmitted() {
        // ORD acquire: the kernel has read an entry before its place is used again; pairs with its release of the head.
        return prepared - (int) WORD.getAcquire(ring, submitHead);
    }

    /** Hands over every completion there is. {@return how many there were} */
    int reap(Completed to) {
        int head = ring.get(ValueLayout.JAVA_INT, completeHead); // only this side writes it
        // ORD acquire: completions are written before they are seen; pairs with the kernel's release of the tail.
        int tail = (int) WORD.getAcquire(ring, completeTail);
        for (int i = head; i != tail; i++) {
            MemorySegment completion = ring.asSlice(completions + (i & completeMask) * CQE_BYTES, CQE_BYTES);
            to.accept(io_uring_cqe.user_data(completion), io_uring_cqe.res(completion));
        }
        // ORD release: completions were read before their places are used again; pairs with the kernel's acquire.
        WORD.setRelease(ring, completeHead, tail);
        return tail - head;
    }

    void unmap() {
        calls.unmap(entries);
        calls.unmap(ring);
    }
}
