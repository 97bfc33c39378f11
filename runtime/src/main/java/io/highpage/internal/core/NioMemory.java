// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.ShortBuffer;
import java.util.Objects;

/** What of a buffer of {@code java.nio} is copied: from its position to its limit. */
public final class NioMemory {
    private NioMemory() {}

    /** {@return where bytes can be copied to} */
    public static MemorySegment target(Buffer target) {
        if (Objects.requireNonNull(target, "target").isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        return source(target);
    }

    /** {@return where bytes can be copied from} */
    public static MemorySegment source(Buffer source) {
        ByteOrder order = orderOfNumbers(Objects.requireNonNull(source, "source"));
        if (order != ByteOrder.nativeOrder()) {
            throw new IllegalArgumentException(source.getClass().getSimpleName()
                    + " has numbers in " + order + " order, and pages have them in "
                    + ByteOrder.nativeOrder() + ", as kernels do: make it of"
                    + " bytes.order(ByteOrder.nativeOrder()), or put its numbers into one that has"
                    + " that order");
        }
        try {
            return MemorySegment.ofBuffer(source);
        } catch (IllegalArgumentException noMemory) {
            throw new IllegalArgumentException(
                    source.getClass().getSimpleName() + " has no memory of its own, as those of"
                            + " CharBuffer.wrap(CharSequence) have not: copy what it has into one"
                            + " of CharBuffer.allocate, or give an array (String.toCharArray)",
                    noMemory);
        }
    }

    /** {@return the order of numbers, which bytes have not: a copy leaves them as they are} */
    private static ByteOrder orderOfNumbers(Buffer buffer) {
        return switch (buffer) {
            case ByteBuffer bytes -> ByteOrder.nativeOrder();
            case CharBuffer chars -> chars.order();
            case ShortBuffer shorts -> shorts.order();
            case IntBuffer ints -> ints.order();
            case LongBuffer longs -> longs.order();
            case FloatBuffer floats -> floats.order();
            case DoubleBuffer doubles -> doubles.order();
        };
    }
}
