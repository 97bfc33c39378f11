// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.internal.os.Linux;
import io.highpage.outcome.Allocation;

/**
 * How much memory a {@link Pipe} has. Pipes of one shape are interchangeable.
 *
 * @param inputs how many inputs a kernel has, at least 1
 * @param outputs how many outputs it has, at least 1
 * @param pieceBytes the most bytes of a piece of each of them, at least 1
 * @param sets how many pieces of each are on the device at the same time, 1 to {@value #SETS_MAX}:
 *     with 2, copies and kernels overlap
 * @param slots how many pieces of each are in host memory at the same time, 1 to
 *     {@value #SETS_MAX}: with 2, {@linkplain Stages#THREADS stages on threads of their own} work
 *     at the same time; one thread needs 1
 */
public record PipeShape(int inputs, int outputs, long pieceBytes, int sets, int slots) {
    private static final int SETS_MAX = 16;

    /** The most inputs and outputs, the most bytes of a piece: sums of sizes do not overflow. */
    private static final int FILES_MAX = 1 << 8;

    /** The most bytes of a piece. */
    public static final long PIECE_BYTES_MAX = 1L << 48;

    /**
     * A shape.
     *
     * @throws IllegalArgumentException if a number is out of range
     */
    public PipeShape {
        check("inputs", inputs, FILES_MAX);
        check("outputs", outputs, FILES_MAX);
        check("pieceBytes", pieceBytes, PIECE_BYTES_MAX);
        check("sets", sets, SETS_MAX);
        check("slots", slots, SETS_MAX);
    }

    /**
     * A shape with as many slots as sets.
     *
     * @param inputs how many inputs a kernel has
     * @param outputs how many outputs it has
     * @param pieceBytes the most bytes of a piece of each of them
     * @param sets how many pieces of each are on the device at the same time
     */
    public PipeShape(int inputs, int outputs, long pieceBytes, int sets) {
        this(inputs, outputs, pieceBytes, sets, sets);
    }

    /** {@return the bytes of device memory that a pipe of this shape takes} */
    public long deviceBytes() {
        return (long) files() * sets * strideBytes();
    }

    /**
     * {@return the bytes of host memory that a pipe of this shape pins} On a private device its
     * pages have homes besides: {@link #deviceBytes} more.
     */
    public long hostBytes() {
        return (long) files() * slots * strideBytes();
    }

    /**
     * {@return the same with other pieces, as for a device that has less room}
     *
     * @param bytes the most bytes of a piece
     */
    public PipeShape withPieceBytes(long bytes) {
        return new PipeShape(inputs, outputs, bytes, sets, slots);
    }

    int files() {
        return inputs + outputs;
    }

    /** {@return how far apart pieces are in memory that has several} */
    long strideBytes() {
        long page = Linux.basePageBytes();
        return Math.ceilDiv(pieceBytes, page) * page;
    }

    /** {@return whether each place for a piece can be a span, with device memory of its own} */
    boolean inSpans() {
        long stride = strideBytes();
        return Long.bitCount(stride) == 1 && stride >= Allocation.SPAN_BYTES_MIN;
    }

    private static void check(String what, long value, long most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(
                    what + "=" + value + " is not between 1 and " + most);
        }
    }

    /** {@return in words} */
    @Override
    public String toString() {
        return inputs + " in, " + outputs + " out, pieces of " + pieceBytes + " bytes, " + sets
                + " sets, " + slots + " slots";
    }
}
