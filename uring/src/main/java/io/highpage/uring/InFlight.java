// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The parts that have not completed, by number. Guarded by the ring's lock.
 *
 * <p>Taking parts in and out is one run of stores each, which no error can interrupt: the reaper
 * does it, field by field.
 */
final class InFlight {
    final @Nullable RingOperation[] operations;
    final int[] parts;
    final int[] free;
    int freeCount;

    /** Which life of a number it is: the kernel may still know of an earlier one. */
    final int[] lives;

    /**
     * Whether the kernel was asked to cancel a number and has not answered: each number has two
     * completions at most.
     */
    final boolean[] cancelling;

    InFlight(int capacity) {
        operations = new RingOperation[capacity];
        parts = new int[capacity];
        free = IntStream.range(0, capacity).toArray();
        freeCount = capacity;
        lives = new int[capacity];
        cancelling = new boolean[capacity];
    }

    int capacity() {
        return free.length;
    }

    int free() {
        return freeCount;
    }

    int count() {
        return free.length - freeCount;
    }

    /** {@return the number that a part gets if so many others are taken in before it} */
    int next(int others) {
        return free[freeCount - 1 - others];
    }

    /** {@return what the kernel is to call a number in its present life; at least 0} */
    long name(int number) {
        return (long) (lives[number] & Integer.MAX_VALUE) << Integer.SIZE | number;
    }

    boolean has(Predicate<RingOperation> which) {
        for (RingOperation operation : operations) {
            if (operation != null && which.test(operation)) {
                return true;
            }
        }
        return false;
    }

    /** {@return some operations, each once} */
    List<RingOperation> operations(Predicate<RingOperation> which) {
        List<RingOperation> found = new ArrayList<>();
        for (RingOperation operation : operations) {
            if (operation != null && which.test(operation) && !found.contains(operation)) {
                found.add(operation);
            }
        }
        return found;
    }

    /**
     * {@return a thread that waits for an operation, a platform thread if there is one, null if
     * there is none}
     */
    @Nullable
    Thread waiter() {
        Thread found = null;
        int left = count();
        for (int number = operations.length - 1;
                number >= 0 && left > 0;
                number--) { // the last are taken first
            if (operations[number] == null) {
                continue;
            }
            left--;
            Thread waiter = operations[number].waiter;
            if (waiter != null && !waiter.isVirtual()) {
                return waiter;
            }
            found = waiter != null ? waiter : found;
        }
        return found;
    }
}
