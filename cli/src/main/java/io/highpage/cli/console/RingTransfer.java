// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.internal.pipe.FileBytes;
import io.highpage.uring.FixedBuffer;
import io.highpage.uring.Ring;
import io.highpage.uring.RingFile;
import io.highpage.uring.RingOperation;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Moves bytes between files and buffers through a few pieces of memory that stay registered with an
 * io_uring ring for as long as this is open. While the kernel fills or empties some of them, others
 * are copied to or from the pages of the buffer, wherever those are. Confined to one thread.
 */
final class RingTransfer implements AutoCloseable {
    // Together half of the memlock limit that users usually have, 8 MiB.
    private static final int SLOTS = 4;
    private static final long SLOT_BYTES = 1 << 20;

    private final PageBuffer staging;
    private final Pin pin;
    private final Ring ring;
    private final FixedBuffer fixed;

    private RingTransfer(PageBuffer staging, Pin pin, Ring ring, FixedBuffer fixed) {
        this.staging = staging;
        this.pin = pin;
        this.ring = ring;
        this.fixed = fixed;
    }

    /** Opens a ring and registers memory of the runtime with it. */
    static RingTransfer open(Highpage runtime) throws IOException {
        Ring ring = Ring.open("files", SLOTS);
        PageBuffer staging = null;
        Pin pin = null;
        try {
            staging = runtime.allocate(SLOTS * SLOT_BYTES);
            pin = staging.pin(Pin.longTerm().owner("io_uring"));
            return new RingTransfer(staging, pin, ring, ring.register(pin));
        } catch (IOException | RuntimeException | Error failed) {
            CloseAll.after(failed, ring, pin, staging);
            throw failed;
        }
    }

    /** A piece on its way. */
    private record Piece(RingOperation operation, long memory, long offset, long byteSize) {}

    /** Begins to move a piece. */
    @FunctionalInterface
    private interface Begin {
        RingOperation begin(long memory, long offset, long byteSize) throws IOException;
    }

    /** Does what is left when a piece has moved. */
    @FunctionalInterface
    private interface End {
        void end(Piece piece, long moved) throws IOException;
    }

    void read(Path path, long position, PageRange target, LongConsumer progress)
            throws IOException {
        PageBuffer buffer = target.buffer();
        long start = target.offset();
        try (RingFile file = RingFile.open(path)) {
            move(
                    target.byteSize(),
                    (memory, offset, length) ->
                            ring.readFixed(file, position + offset, fixed, memory, length),
                    (piece, moved) -> {
                        readRest(file, position, piece, moved);
                        staging.range(piece.memory, piece.byteSize)
                                .copyTo(buffer, start + piece.offset);
                        progress.accept(piece.byteSize);
                    });
        }
    }

    private void readRest(RingFile file, long position, Piece piece, long moved)
            throws IOException {
        long left = piece.byteSize - moved;
        if (left > 0) {
            FileBytes.read(
                    ring, file, position + piece.offset + moved, fixed, piece.memory + moved, left);
        }
    }

    void write(PageRange source, Path path, long position, LongConsumer progress)
            throws IOException {
        PageBuffer buffer = source.buffer();
        long start = source.offset();
        try (RingFile file = RingFile.open(path, StandardOpenOption.WRITE)) {
            move(
                    source.byteSize(),
                    (memory, offset, length) -> {
                        buffer.range(start + offset, length).copyTo(staging, memory);
                        return ring.writeFixed(file, position + offset, fixed, memory, length);
                    },
                    (piece, moved) -> {
                        long left = piece.byteSize - moved;
                        if (left > 0) {
                            long at = position + piece.offset + moved;
                            FileBytes.write(ring, file, at, fixed, piece.memory + moved, left);
                        }
                        progress.accept(piece.byteSize);
                    });
        }
    }

    private void move(long byteSize, Begin begin, End end) throws IOException {
        Deque<Piece> moving = new ArrayDeque<>();
        try {
            for (long begun = 0; begun < byteSize || !moving.isEmpty(); ) {
                while (begun < byteSize && moving.size() < SLOTS) {
                    long memory = begun / SLOT_BYTES % SLOTS * SLOT_BYTES;
                    long length = Math.min(SLOT_BYTES, byteSize - begun);
                    moving.add(
                            new Piece(begin.begin(memory, begun, length), memory, begun, length));
                    begun += length;
                    ring.submit(); // the kernel works while the next piece is copied
                }
                Piece oldest = moving.remove();
                try {
                    end.end(oldest, oldest.operation.await(FileBytes.RING_LIMIT));
                } catch (InterruptedIOException stillMoving) {
                    moving.add(oldest);
                    throw stillMoving;
                }
            }
        } catch (IOException | RuntimeException failed) {
            boolean interrupted = Thread.interrupted();
            moving.forEach(piece -> await(piece, failed));
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            throw failed;
        }
    }

    /** The file cannot be closed before. */
    private static void await(Piece piece, Exception why) {
        try {
            long ignored = piece.operation.await(FileBytes.RING_LIMIT);
        } catch (IOException failed) {
            why.addSuppressed(failed);
        }
    }

    @Override
    public void close() {
        CloseAll.inOrder(List.of(ring, pin, staging));
    }

    @Override
    public String toString() {
        return "io_uring, " + SLOTS + " registered pieces of memory of " + Units.bytes(SLOT_BYTES);
    }
}
