// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.uring;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** The parts that have not completed, by the number that the kernel gives back with a completion. Guarded by the ring's lock. */
final class InFlight {
    private final RingOperation[] operations;
    private final int[] parts;
    private final int[] free;
    private int freeCount;

    InFlight(int capacity) {
        operations = new RingOperation[capacity];
        parts = new int[capacity];
        free = IntStream.range(0, capacity).toArray();
        freeCount = capacity;
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

    /** Takes a part in. {@return its number} */
    int add(RingOperation operation, int part) {
        int number = free[--freeCount];
        operations[number] = operation;
        parts[number] = part;
        return number;
    }

    /** Takes a part out that has completed. {@return whether its operation is now complete} */
    boolean complete(int number, int result) {
        RingOperation operation = operations[number];
        operations[number] = null;
        free[freeCount++] = number;
        return operation.complete(parts[number], result);
    }

    /** {@return the numbers of the parts of some operations} */
    List<Integer> numbers(Predicate<RingOperation> which) {
        return IntStream.range(0, operations.length)
                .filter(number -> operations[number] != null && which.test(operations[number]))
                .boxed()
                .toList();
    }

    /** {@return some operations, each once} */
    List<RingOperation> operations(Predicate<RingOperation> which) {
        List<RingOperation> found = new ArrayList<>();
        for (int number : numbers(which)) {
            if (!found.contains(operations[number])) {
                found.add(operations[number]);
            }
        }
        return found;
    }
}
