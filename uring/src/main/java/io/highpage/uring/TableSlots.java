// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.internal.os.Linux;

/**
 * The slots of one piece of memory in a ring's table, in the order of addresses. They begin at
 * multiples of their length from the base page of the first byte, so an aligned operation stays
 * aligned when it is split.
 */
final class TableSlots {
    /** Each slot's number; filled in when they are taken. */
    final int[] numbers;

    private final long address;
    private final long byteSize;
    private final long firstBytes; // of the first slot; the others have slotBytes, or what remains
    private final long slotBytes;

    TableSlots(long address, long byteSize, long slotBytes) {
        this.address = address;
        this.byteSize = byteSize;
        this.slotBytes = slotBytes;
        this.firstBytes = Math.min(byteSize, slotBytes - address % Linux.basePageBytes());
        this.numbers =
                new int[Math.toIntExact(1 + (byteSize - firstBytes + slotBytes - 1) / slotBytes)];
    }

    long byteSize() {
        return byteSize;
    }

    private int indexOf(long at) {
        long offset = at - address;
        return offset < firstBytes ? 0 : Math.toIntExact(1 + (offset - firstBytes) / slotBytes);
    }

    /** {@return the number of the slot that an address is in} */
    int numberOf(long at) {
        return numbers[indexOf(at)];
    }

    /** {@return how many bytes of an address's slot follow it} */
    long leftOfSlot(long at) {
        return start(indexOf(at) + 1) - at;
    }

    /** {@return the lengths of the pieces of a range, one for each slot that it touches} */
    int[] split(long at, long bytes) {
        if (bytes == 0) {
            return new int[0];
        }
        int first = indexOf(at);
        int[] lengths = new int[indexOf(at + bytes - 1) - first + 1];
        for (int i = 0; i < lengths.length; i++) {
            long start = Math.max(at, start(first + i));
            lengths[i] = Math.toIntExact(Math.min(at + bytes, start(first + i + 1)) - start);
        }
        return lengths;
    }

    /** {@return the address where a slot begins; of the one behind the last, the end} */
    long start(int index) {
        return address
                + (index == 0 ? 0 : Math.min(byteSize, firstBytes + (index - 1) * slotBytes));
    }
}
