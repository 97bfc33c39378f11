// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.pipe;

import io.highpage.uring.FixedBuffer;
import io.highpage.uring.Ring;
import io.highpage.uring.RingFile;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.function.LongConsumer;

/** Moves bytes between files and segments of any size, without an array in between. */
public final class FileBytes {
    /** Small enough to show progress, large enough to cost nothing. */
    private static final long PIECE = 16 << 20;

    /** How long a ring may take: files end or fail, they are not given up. */
    public static final Duration RING_LIMIT = Duration.ofDays(1);

    private FileBytes() {}

    /**
     * Fills a segment from a file.
     *
     * @param file the file
     * @param position where to start in the file
     * @param target takes the bytes
     * @param progress is told the number of bytes of each piece
     * @throws EOFException if the file ends too early
     * @throws IOException if it cannot be read
     */
    public static void read(
            FileChannel file, long position, MemorySegment target, LongConsumer progress)
            throws IOException {
        for (long done = 0; done < target.byteSize(); ) {
            ByteBuffer piece = piece(target, done);
            int count = file.read(piece, position + done);
            if (count < 0) {
                throw ended(position + done);
            }
            done += count;
            progress.accept(count);
        }
    }

    /**
     * Fills a range of a ring's buffer from a file.
     *
     * @param ring a ring
     * @param file the file
     * @param position where to start in the file
     * @param target takes the bytes
     * @param at where to put them in it
     * @param bytes how many
     * @throws EOFException if the file ends too early
     * @throws IOException if it cannot be read
     */
    public static void read(
            Ring ring, RingFile file, long position, FixedBuffer target, long at, long bytes)
            throws IOException {
        long read = ring.readFully(file, position, target, at, bytes, RING_LIMIT);
        if (read < bytes) {
            throw ended(position + read);
        }
    }

    /** The error for a file that has become shorter, which ends at a byte. */
    private static EOFException ended(long position) {
        return new EOFException("it ended at byte " + position + " while being read");
    }

    /**
     * Writes a segment to where a channel stands.
     *
     * @param file the file
     * @param source the bytes
     * @param progress is told the number of bytes of each piece
     * @throws IOException if it cannot be written
     */
    public static void write(FileChannel file, MemorySegment source, LongConsumer progress)
            throws IOException {
        for (long done = 0; done < source.byteSize(); ) {
            int count = file.write(piece(source, done));
            done += count;
            progress.accept(count);
        }
    }

    /**
     * Writes a range of a ring's buffer to a file.
     *
     * @param ring a ring
     * @param file the file
     * @param position where to start in the file
     * @param source the bytes
     * @param at where they are in it
     * @param bytes how many
     * @throws IOException if they cannot be written
     */
    public static void write(
            Ring ring, RingFile file, long position, FixedBuffer source, long at, long bytes)
            throws IOException {
        ring.writeFully(file, position, source, at, bytes, RING_LIMIT);
    }

    /**
     * {@return a piece of a segment as a buffer, which ends far below 2 GiB; empty at the end of
     * the segment}
     *
     * @param segment the segment
     * @param done where the piece starts, in bytes
     */
    public static ByteBuffer piece(MemorySegment segment, long done) {
        return segment.asSlice(done, Math.min(PIECE, segment.byteSize() - done)).asByteBuffer();
    }

    /**
     * {@return an error that says in words what could not be done, and why}
     *
     * @param what such as {@code cannot read FILE}
     * @param cause why
     */
    public static IOException failed(String what, IOException cause) {
        return new IOException(what + ": " + reason(cause), cause);
    }

    /**
     * {@return why a file could not be used, in words, without its name}
     *
     * @param cause the failure
     */
    public static String reason(IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
