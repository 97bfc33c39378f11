// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import java.util.List;

/**
 * How inputs and outputs of one length are cut.
 *
 * @param byteSize the length of each
 * @param pieceBytes the length of each piece, whole elements; the last one may be shorter
 */
record Pieces(long byteSize, long pieceBytes) {
    /**
     * {@return how a run cuts its inputs}
     *
     * @throws IllegalArgumentException if they have different lengths, or no whole elements
     */
    static Pieces of(List<PieceInput> inputs, PipeShape shape, long elementBytes) {
        PieceInput first = inputs.getFirst();
        long byteSize = first.byteSize();
        for (PieceInput other : inputs) {
            if (other.byteSize() != byteSize) {
                throw new IllegalArgumentException("all inputs must have one length, but " + first
                        + " has " + byteSize + " bytes and " + other + " has "
                        + other.byteSize());
            }
        }
        if (byteSize % elementBytes != 0) {
            throw new IllegalArgumentException(first + " has " + byteSize
                    + " bytes, which is not a multiple of elementBytes=" + elementBytes);
        }
        long piece = shape.pieceBytes() / elementBytes * elementBytes;
        if (piece == 0) {
            throw new IllegalArgumentException("elementBytes=" + elementBytes
                    + " is more than a piece has in a pipe of " + shape);
        }
        return new Pieces(byteSize, piece);
    }

    long count() {
        return Math.ceilDiv(byteSize, pieceBytes);
    }

    /** {@return where a piece starts in every input and output} */
    long position(long piece) {
        return piece * pieceBytes;
    }

    /** {@return the length of a piece} */
    long bytes(long piece) {
        return Math.min(pieceBytes, byteSize - position(piece));
    }
}
