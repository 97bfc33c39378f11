// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Optional;

/**
 * Physical page frame numbers, from {@code /proc/self/pagemap}: shows whether the kernel has moved
 * memory. The kernel tells them to processes with {@code CAP_SYS_ADMIN} only.
 */
public final class FrameNumbers {
    private static final String PAGEMAP = "/proc/self/pagemap";
    private static final long PRESENT = 1L << 63;
    private static final long FRAME_MASK = (1L << 55) - 1;

    /** Read at a time: the entries of 32 MiB of 4 KiB pages. */
    private static final int CHUNK_BYTES = 64 << 10;

    private FrameNumbers() {}

    /**
     * Reads the frame numbers of the base pages that a range touches.
     *
     * @param range native memory
     * @return one number for each base page, 0 for a page that is not in memory; empty if the
     *     kernel does not tell
     */
    public static Optional<long[]> of(MemorySegment range) {
        long page = Linux.basePageBytes();
        long first = range.address() / page;
        int count = Math.toIntExact((range.address() + range.byteSize() + page - 1) / page - first);
        long[] frames = new long[count];
        try {
            return read(first, frames) ? Optional.of(frames) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /**
     * {@return whether the kernel tells the numbers; it hides them as zeros, which is no frame of a
     * process}
     */
    private static boolean read(long firstPage, long[] frames) throws IOException {
        byte[] chunk = new byte[Math.min(CHUNK_BYTES, frames.length * Long.BYTES)];
        // Not a channel: an interrupt closes those.
        try (RandomAccessFile pagemap = new RandomAccessFile(PAGEMAP, "r")) {
            pagemap.seek(firstPage * Long.BYTES);
            for (int done = 0; done < frames.length; ) {
                int bytes = pagemap.read(
                        chunk, 0, Math.min(chunk.length, (frames.length - done) * Long.BYTES));
                if (bytes < Long.BYTES) {
                    return false;
                }
                LongBuffer entries = ByteBuffer.wrap(chunk, 0, bytes)
                        .order(ByteOrder.nativeOrder())
                        .asLongBuffer();
                while (entries.hasRemaining()) {
                    long entry = entries.get();
                    if ((entry & PRESENT) != 0) {
                        frames[done] = entry & FRAME_MASK;
                        if (frames[done] == 0) {
                            return false;
                        }
                    }
                    done++;
                }
            }
            return true;
        }
    }
}
