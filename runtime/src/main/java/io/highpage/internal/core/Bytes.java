// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.copy.SharedCopy;
import io.highpage.internal.memory.TierWindow;
import io.highpage.outcome.AccessMode;

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

    static void read(ManagedRange range, MemorySegment target) {
        long own = ownWindow(range, target);
        boolean backwards = own != 0 && target.address() > own + range.offset();
        SharedCopy copying = range.buffer().copying();
        Piece piece = (memory, at, done, bytes) -> copying.copy(memory, at, target, done, bytes);
        forEachPiece(range, AccessMode.READ, backwards, piece);
    }

    static void write(ManagedRange range, MemorySegment source) {
        long own = ownWindow(range, source);
        boolean backwards = own != 0 && own + range.offset() > source.address();
        SharedCopy copying = range.buffer().copying();
        Piece piece = (memory, at, done, bytes) -> copying.copy(source, done, memory, at, bytes);
        forEachPiece(range, AccessMode.READ_WRITE, backwards, piece);
    }

    /**
     * {@return where the buffer would begin if all of it lay beside the window that the other side
     * of a copy lies in, 0 if in none; of one page it does not matter}
     */
    private static long ownWindow(ManagedRange range, MemorySegment other) {
        return range.pageCount() == 1
                ? 0
                : range.buffer().pages().startBeside(other, range.firstPage(), range.endPage());
    }

    static void fill(ManagedRange range, byte value) {
        SharedCopy copying = range.buffer().copying();
        Piece piece = (memory, at, done, bytes) -> copying.fill(memory, at, bytes, value);
        for (long start = range.offset(), stop; start < range.end(); start = stop) {
            stop = stretchEnd(range, start);
            if (value == 0) {
                stop = Math.min(stop, spanEnd(range, start)); // a driver zeroes within one span
            }
            ManagedRange stretch = range.part(start, stop);
            if (value != 0 || !DriverCopy.zero(stretch)) {
                usePieces(stretch, range.offset(), AccessMode.READ_WRITE, false, piece);
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
     * @param mode what is done with the range
     * @param backwards whether the last piece comes first
     */
    private static void forEachPiece(
            ManagedRange range, AccessMode mode, boolean backwards, Piece piece) {
        long start = range.offset();
        long end = range.end();
        while (start < end) {
            if (backwards) {
                long from = stretchStart(range, end);
                usePieces(range.part(from, end), range.offset(), mode, true, piece);
                end = from;
            } else {
                long to = stretchEnd(range, start);
                usePieces(range.part(start, to), range.offset(), mode, false, piece);
                start = to;
            }
        }
    }

    /**
     * Uses the pieces of a stretch of a range that starts at {@code offset}, under one brief hold.
     */
    private static void usePieces(
            ManagedRange stretch, long offset, AccessMode mode, boolean backwards, Piece piece) {
        ManagedBuffer buffer = stretch.buffer();
        buffer.holdBriefly(stretch, mode);
        try {
            long from = stretch.offset();
            long to = stretch.end();
            while (from < to) {
                long at = backwards ? pieceStart(stretch, to) : from;
                long next = backwards ? to : pieceEnd(stretch, from);
                TierWindow window = buffer.held().windowOf(buffer.pageAt(at));
                long start = buffer.pages().start(window);
                piece.use(window.memory(), at - start, at - offset, next - at);
                from = backwards ? from : next;
                to = backwards ? at : to;
            }
        } finally {
            buffer.releaseBriefly(stretch, mode);
        }
    }

    /**
     * {@return where a stretch that starts at {@code start} ends: at a page's end, if it has one
     * within reach}
     */
    private static long stretchEnd(ManagedRange range, long start) {
        if (range.end() - start <= STRETCH_BYTES) {
            return range.end();
        }
        long pageBytes = range.buffer().pageBytes();
        long aligned = (start + STRETCH_BYTES) / pageBytes * pageBytes;
        return aligned > start ? aligned : start + STRETCH_BYTES;
    }

    /**
     * {@return where a stretch that ends at {@code end} starts: at a page's start, if it has one
     * within reach}
     */
    private static long stretchStart(ManagedRange range, long end) {
        if (end - range.offset() <= STRETCH_BYTES) {
            return range.offset();
        }
        long pageBytes = range.buffer().pageBytes();
        long aligned = (end - STRETCH_BYTES + pageBytes - 1) / pageBytes * pageBytes;
        return aligned < end ? aligned : end - STRETCH_BYTES;
    }

    /** {@return the byte behind the span that a byte is in} */
    private static long spanEnd(ManagedRange range, long at) {
        ManagedBuffer buffer = range.buffer();
        return buffer.pages().spanEnd(buffer.pageAt(at)) * buffer.pageBytes();
    }

    /** {@return where the piece of a stretch that starts at {@code at} ends} */
    private static long pieceEnd(ManagedRange stretch, long at) {
        ManagedBuffer buffer = stretch.buffer();
        long page = buffer.held().runEnd(buffer.pageAt(at), stretch.endPage());
        return Math.min(stretch.end(), page * buffer.pageBytes());
    }

    /** {@return where the piece of a stretch that ends at {@code end} starts} */
    private static long pieceStart(ManagedRange stretch, long end) {
        ManagedBuffer buffer = stretch.buffer();
        long page = buffer.held().runStart(buffer.pageAt(end - 1), stretch.firstPage());
        return Math.max(stretch.offset(), page * buffer.pageBytes());
    }

    /** Copies a range to one of the same length, as if through a temporary buffer. */
    static void copy(ManagedRange source, ManagedRange target) {
        long byteSize = source.byteSize();
        boolean backwards = source.buffer() == target.buffer()
                && target.offset() > source.offset()
                && target.offset() < source.end();
        for (long done = 0; done < byteSize; ) {
            long bytes = Math.min(STRETCH_BYTES, byteSize - done);
            if (source.buffer() != target.buffer()) { // for a driver, which copies within one span
                long at = source.offset() + done;
                long targetAt = target.offset() + done;
                bytes = Math.min(bytes, spanEnd(source, at) - at);
                bytes = Math.min(bytes, spanEnd(target, targetAt) - targetAt);
            }
            long start = backwards ? byteSize - done - bytes : done;
            copyStretch(part(source, start, bytes), part(target, start, bytes), backwards);
            done += bytes;
        }
    }

    private static ManagedRange part(ManagedRange range, long start, long byteSize) {
        return range.part(range.offset() + start, range.offset() + start + byteSize);
    }

    private static void copyStretch(ManagedRange source, ManagedRange target, boolean backwards) {
        if (source.buffer() != target.buffer()
                && (DriverCopy.in(source, target) || DriverCopy.out(source, target))) {
            return;
        }
        // The writer first: on pages of both sides it would meet the reader's own count.
        target.buffer().holdBriefly(target, AccessMode.READ_WRITE);
        try {
            source.buffer().holdBriefly(source, AccessMode.READ);
            try {
                copyPieces(source, target, backwards);
            } finally {
                source.buffer().releaseBriefly(source, AccessMode.READ);
            }
        } finally {
            target.buffer().releaseBriefly(target, AccessMode.READ_WRITE);
        }
    }

    private static void copyPieces(ManagedRange source, ManagedRange target, boolean backwards) {
        long offset = source.offset();
        long targetOffset = target.offset();
        long from = 0;
        long to = source.byteSize();
        while (from < to) {
            long at = from;
            long next = to;
            if (backwards) {
                at = Math.max(
                        pieceStart(source, offset + to) - offset,
                        pieceStart(target, targetOffset + to) - targetOffset);
                to = at;
            } else {
                next = Math.min(
                        pieceEnd(source, offset + from) - offset,
                        pieceEnd(target, targetOffset + from) - targetOffset);
                from = next;
            }
            copyPiece(source, offset + at, target, targetOffset + at, next - at);
        }
    }

    private static void copyPiece(
            ManagedRange source,
            long offset,
            ManagedRange target,
            long targetOffset,
            long byteSize) {
        TierWindow out = windowAt(source, offset);
        TierWindow in = windowAt(target, targetOffset);
        SharedCopy copying = source.buffer().copying();
        copying.copyWindows(
                out.memory(),
                offset - source.pages().start(out),
                in.memory(),
                targetOffset - target.pages().start(in),
                byteSize);
    }

    private static TierWindow windowAt(ManagedRange range, long offset) {
        return range.buffer().held().windowOf(range.buffer().pageAt(offset));
    }
}
