// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.copy.SharedCopy;

import java.lang.foreign.MemorySegment;

/** Copies bytes in and out of pages wherever they are, under brief holds. */
final class Bytes {
    /**
     * Bounds how much one brief hold keeps, and how long one copy runs without a safepoint: under a
     * millisecond.
     */
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

    static void read(ManagedBuffer buffer, long offset, MemorySegment target) {
        long own = ownWindow(buffer, offset, target);
        boolean backwards = own != 0 && target.address() > own + offset;
        Piece piece = (memory, at, done, bytes) -> SharedCopy.copy(memory, at, target, done, bytes);
        forEachPiece(buffer, offset, target.byteSize(), backwards, piece);
    }

    static void write(ManagedBuffer buffer, long offset, MemorySegment source) {
        long own = ownWindow(buffer, offset, source);
        boolean backwards = own != 0 && own + offset > source.address();
        Piece piece = (memory, at, done, bytes) -> SharedCopy.copy(source, done, memory, at, bytes);
        forEachPiece(buffer, offset, source.byteSize(), backwards, piece);
    }

    /**
     * {@return the address of the window that the other side of a copy lies in, 0 if in none; of
     * one page it does not matter}
     */
    private static long ownWindow(ManagedBuffer buffer, long offset, MemorySegment other) {
        boolean onePage = buffer.endPage(offset, other.byteSize()) - buffer.firstPage(offset) == 1;
        return onePage ? 0 : buffer.pages().windowOf(other);
    }

    static void fill(ManagedBuffer buffer, long offset, long byteSize, byte value) {
        Piece piece = (memory, at, done, bytes) -> SharedCopy.fill(memory, at, bytes, value);
        long end = offset + byteSize;
        for (long start = offset, stop; start < end; start = stop) {
            stop = stretchEnd(buffer, start, end);
            if (value != 0 || !DriverCopy.zero(buffer, start, stop - start)) {
                usePieces(buffer, start, stop, offset, false, piece);
            }
        }
    }

    /**
     * Uses the pieces of a range in turn. If the other side of a copy is memory of the buffer
     * itself, a piece may overwrite what another is to be copied from: as long as it is that of one
     * done before, the copy is as through a temporary one. One direction does for the whole range,
     * since the other side, which is contiguous, lies in one window only, and bytes that go to or
     * come from that window all go equally far.
     *
     * @param backwards whether the last piece comes first
     */
    private static void forEachPiece(
            ManagedBuffer buffer, long offset, long byteSize, boolean backwards, Piece piece) {
        long start = offset;
        long end = offset + byteSize;
        while (start < end) {
            if (backwards) {
                long from = stretchStart(buffer, start, end);
                usePieces(buffer, from, end, offset, true, piece);
                end = from;
            } else {
                long to = stretchEnd(buffer, start, end);
                usePieces(buffer, start, to, offset, false, piece);
                start = to;
            }
        }
    }

    /**
     * Uses the pieces of a stretch of a range that starts at {@code offset}, under one brief hold.
     */
    private static void usePieces(
            ManagedBuffer buffer,
            long start,
            long stop,
            long offset,
            boolean backwards,
            Piece piece) {
        long first = buffer.firstPage(start);
        long last = buffer.endPage(start, stop - start);
        buffer.holdBriefly(first, last);
        try {
            long from = start;
            long to = stop;
            while (from < to) {
                long at = backwards ? pieceStart(buffer, to, from) : from;
                long next = backwards ? to : pieceEnd(buffer, from, to);
                piece.use(buffer.memoryOf(buffer.firstPage(at)), at, at - offset, next - at);
                from = backwards ? from : next;
                to = backwards ? at : to;
            }
        } finally {
            buffer.releaseBriefly(first, last);
        }
    }

    /**
     * {@return where a stretch that starts at {@code start} ends: at a page's end, if it has one
     * within reach}
     */
    private static long stretchEnd(ManagedBuffer buffer, long start, long end) {
        if (end - start <= STRETCH_BYTES) {
            return end;
        }
        long aligned = (start + STRETCH_BYTES) / buffer.pageBytes() * buffer.pageBytes();
        return aligned > start ? aligned : start + STRETCH_BYTES;
    }

    /**
     * {@return where a stretch that ends at {@code end} starts: at a page's start, if it has one
     * within reach}
     */
    private static long stretchStart(ManagedBuffer buffer, long start, long end) {
        if (end - start <= STRETCH_BYTES) {
            return start;
        }
        long aligned = buffer.endPage(0, end - STRETCH_BYTES) * buffer.pageBytes();
        return aligned < end ? aligned : end - STRETCH_BYTES;
    }

    /** {@return where the piece that starts at {@code at} ends, at most {@code stop}} */
    private static long pieceEnd(ManagedBuffer buffer, long at, long stop) {
        long pages = buffer.runEnd(buffer.firstPage(at), buffer.endPage(at, stop - at));
        return Math.min(stop, pages * buffer.pageBytes());
    }

    /** {@return where the piece that ends at {@code end} starts, at least {@code start}} */
    private static long pieceStart(ManagedBuffer buffer, long end, long start) {
        long page = buffer.runStart(buffer.firstPage(end - 1), buffer.firstPage(start));
        return Math.max(start, page * buffer.pageBytes());
    }

    /** Copies between buffers, or within one as if through a temporary buffer. */
    static void copy(
            ManagedBuffer source,
            long offset,
            ManagedBuffer target,
            long targetOffset,
            long byteSize) {
        boolean backwards =
                source == target && targetOffset > offset && targetOffset - offset < byteSize;
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
                copyPieces(source, offset, target, targetOffset, byteSize, backwards);
            } finally {
                target.releaseBriefly(targetFirst, targetEnd);
            }
        } finally {
            source.releaseBriefly(first, end);
        }
    }

    private static void copyPieces(
            ManagedBuffer source,
            long offset,
            ManagedBuffer target,
            long targetOffset,
            long byteSize,
            boolean backwards) {
        long from = 0;
        long to = byteSize;
        while (from < to) {
            long at = from;
            long next = to;
            if (backwards) {
                at = Math.max(
                        pieceStart(source, offset + to, offset + from) - offset,
                        pieceStart(target, targetOffset + to, targetOffset + from) - targetOffset);
                to = at;
            } else {
                next = Math.min(
                        pieceEnd(source, offset + from, offset + to) - offset,
                        pieceEnd(target, targetOffset + from, targetOffset + to) - targetOffset);
                from = next;
            }
            SharedCopy.copyWindows(
                    source.memoryOf(source.firstPage(offset + at)),
                    offset + at,
                    target.memoryOf(target.firstPage(targetOffset + at)),
                    targetOffset + at,
                    next - at);
        }
    }
}
