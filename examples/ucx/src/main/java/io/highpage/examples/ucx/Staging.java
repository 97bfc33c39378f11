// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ucx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the plain ways copy through, made once.
 *
 * @param direct outside of Java's heap, as a direct ByteBuffer is: what UCX can use
 * @param array in Java's heap
 */
record Staging(MemorySegment direct, MemorySegment array) {
    static Staging allocate(Arena arena, int bytes) {
        return new Staging(arena.allocate(bytes), MemorySegment.ofArray(new byte[bytes]));
    }
}
