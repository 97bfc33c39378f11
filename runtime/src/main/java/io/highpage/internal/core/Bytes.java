// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.copy.SharedCopy;
import java.lang.foreign.MemorySegment;

/** Copies bytes in and out of pages wherever they are, under brief holds. */
final class Bytes {
    /** Bounds how much one brief hold keeps, and how long one copy runs without a safepoint: under a millisecond. */
    private static final long STRETCH_BYTES = 16L << 20;

    private Bytes() {}

    /** Uses one contiguous piece. */
    interface Piece {
        /**
         * Takes a piece.
         *
         * @param memory the window that it lies in
         * @param at where it starts there, in bytes
         * @param done where it starts in the range, in bytes
         * @param bytes its length
         */
        void use(MemorySegment memory, long at, long done, long bytes);
    }

    static void fill(ManagedBuffer buffer, long offset, long byteSize, byte value) {
        Piece piece = (memory, at, done, bytes) -> SharedCopy.fill(memory, at, bytes, value);
        long end = offset + byteSize;
        for (long start = offset, stop; start < end; start = stop) {
            stop = stretchEnd(buffer, start, end);
            if (value != 0 || !DriverCopy.zero(buffer, start, stop - start)) {
                usePieces(buffer, start, stop, offset, piece);
            }
        }
    }

    static void forEachPiece(ManagedBuffer buffer, long offset, long byteSize, Piece piece) {
        long end = offset + byteSize;
        for (long start = offset, stop; start < end; start = stop) {
            stop = stretchEnd(buffer, start, end);
            usePieces(buffer, start, stop, offset, piece);
        }
    }

    /** Uses the pieces of a stretch of a range that starts at {@code offset}, under one brief hold. */
    private static void usePieces(ManagedBuffer buffer, long start, long stop, long offset, Piece piece) {
        long first = buffer.firstPage(start);
        long last = buffer.endPage(start, stop - start);
        buffer.holdBriefly(first, last);
        try {
            for (long at = start; at < stop; ) {
                long next = pieceEnd(buffer, at, stop, last);
                piece.use(buffer.memoryOf(buffer.firstPage(at)), at, at - offset, next - at);
                at = next;
            }
        } finally {
            buffer.releaseBriefly(first, last);
        }
    }

    /** {@return where a stretch that starts at {@code start} ends: at a page's end, if it has one within reach} */
    private static long stretchEnd(ManagedBuffer buffer, long start, long end) {
        if (end - start <= STRETCH_BYTES) {
            return end;
        }
        long aligned = (start + STRETCH_BYTES) / buffer.pageBytes() * buffer.pageBytes();
        return aligned > start ? aligned : start + STRETCH_BYTES;
    }

    private static long pieceEnd(ManagedBuffer buffer, long at, long stop, long endPage) {
        return Math.min(stop, buffer.runEnd(buffer.firstPage(at), endPage) * buffer.pageBytes());
    }

    /** Copies between buffers, or within one as if through a temporary buffer. */
    static void copy(ManagedBuffer source, long offset, ManagedBuffer target, long targetOffset, long byteSize) {
        boolean backwards = source == target && targetOffset > offset && targetOffset - offset < byteSize;
        for (long done = 0; done < byteSize; ) {
            long bytes = Math.min(STRETCH_BYTES, byteSize - done);
            long start = backwards ? byteSize - done - bytes : done;
            copyStretch(source, offset + start, target, targetOffset + start, bytes, backwards);
            done += bytes;
        }
    }

    private static void copyStretch(
            ManagedBuffer source,
            long offset,
            ManagedBuffer target,
            long targetOffset,
            long byteSize,
            boolean backwards) {
        if (source != target
                && (DriverCopy.in(source, offset, target, targetOffset, byteSize)
                        || DriverCopy.out(source, offset, target, targetOffset, byteSize))) {
            return;
        }
        long first = source.firstPage(offset);
        long end = source.endPage(offset, byteSize);
        source.holdBriefly(first, end);
        try {
            long targetFirst = target.firstPage(targetOffset);
            long targetEnd = target.endPage(targetOffset, byteSize);
            target.holdBriefly(targetFirst, targetEnd);
            try {
                if (backwards) {
                    copyBackwards(source, offset, targetOffset, byteSize);
                } else {
                    copyForwards(source, offset, end, target, targetOffset, targetEnd, byteSize);
                }
            } finally {
                target.releaseBriefly(targetFirst, targetEnd);
            }
        } finally {
            source.releaseBriefly(first, end);
        }
    }

    private static void copyForwards(
            ManagedBuffer source,
            long offset,
            long endPage,
            ManagedBuffer target,
            long targetOffset,
            long targetEndPage,
            long byteSize) {
        for (long done = 0; done < byteSize; ) {
            long from = offset + done;
            long to = targetOffset + done;
            long bytes = Math.min(
                    pieceEnd(source, from, offset + byteSize, endPage) - from,
                    pieceEnd(target, to, targetOffset + byteSize, targetEndPage) - to);
            SharedCopy.copy(
                    source.memoryOf(source.firstPage(from)), from, target.memoryOf(target.firstPage(to)), to, bytes);
            done += bytes;
        }
    }

    /** The target overlaps the source from above: the last bytes go first, in pieces that lie in one page at each end. */
    private static void copyBackwards(ManagedBuffer buffer, long offset, long targetOffset, long byteSize) {
        for (long left = byteSize; left > 0; ) {
            long bytes =
                    Math.min(left, Math.min(intoPage(buffer, offset + left), intoPage(buffer, targetOffset + left)));
            left -= bytes;
            MemorySegment.copy(
                    buffer.memoryOf(buffer.firstPage(offset + left)),
                    offset + left,
                    buffer.memoryOf(buffer.firstPage(targetOffset + left)),
                    targetOffset + left,
                    bytes);
        }
    }

    /** {@return how many bytes before {@code end} are in the same page as the last of them} */
    private static long intoPage(ManagedBuffer buffer, long end) {
        return (end - 1) % buffer.pageBytes() + 1;
    }
}
