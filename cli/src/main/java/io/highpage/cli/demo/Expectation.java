// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import io.highpage.internal.pipe.FileBytes;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;

/**
 * What the device's work should have made of a file, computed from the file alone and in another
 * way: byte by byte, in 64-bit arithmetic without shifts or signs. Confined to one thread.
 */
final class Expectation {
    private static final int CHUNK = 1 << 20;
    private static final long WORD_MASK = 0xffff_ffffL;
    private static final long NUMBER_FACTOR = 2_654_435_769L;
    private static final long MIX_FACTOR = 2_246_822_507L;

    private final FileChannel file;
    private final byte[] chunk = new byte[CHUNK];

    Expectation(FileChannel file) {
        this.file = file;
    }

    /**
     * Compares.
     *
     * @param position where the piece starts in the file, a multiple of 4
     * @param actual the bytes that the device made of it
     * @param checksum is updated with the expected bytes
     * @param progress is told the number of bytes
     * @return the offset of the first byte that differs, or -1
     * @throws IOException if the file cannot be read
     */
    long firstDifference(
            long position, MemorySegment actual, CRC32C checksum, LongConsumer progress)
            throws IOException {
        for (long done = 0; done < actual.byteSize(); done += CHUNK) {
            int bytes = (int) Math.min(CHUNK, actual.byteSize() - done);
            MemorySegment expected = expect(position + done, bytes);
            checksum.update(chunk, 0, bytes);
            long at = actual.asSlice(done, bytes).mismatch(expected);
            if (at >= 0) {
                return done + at;
            }
            progress.accept(bytes);
        }
        return -1;
    }

    private MemorySegment expect(long position, int bytes) throws IOException {
        MemorySegment expected = MemorySegment.ofArray(chunk).asSlice(0, bytes);
        // What lies behind the end of the file in its last word was zero.
        Arrays.fill(chunk, (byte) 0);
        FileBytes.read(file, position, expected, count -> {});
        for (int at = 0; at < bytes; at += Integer.BYTES) {
            mixWord(at, (position + at) / Integer.BYTES);
        }
        return expected;
    }

    private void mixWord(int at, long number) {
        long word = 0;
        for (int i = Integer.BYTES - 1; i >= 0; i--) {
            word = word * 256 + Byte.toUnsignedLong(chunk[at + i]);
        }
        word = exclusiveOr(word, lowWord(number * NUMBER_FACTOR));
        // Rotated left by 13: what is multiplied out at the top comes in at the bottom.
        word = word % (1 << 19) * (1 << 13) + word / (1 << 19);
        word = lowWord(word * MIX_FACTOR);
        word = exclusiveOr(word, word / (1 << 16));
        for (int i = 0; i < Integer.BYTES; i++) {
            chunk[at + i] = (byte) (word % 256);
            word /= 256;
        }
    }

    private static long lowWord(long product) {
        return product & WORD_MASK;
    }

    // Adding is exclusive-or where no bit is set in both.
    private static long exclusiveOr(long one, long other) {
        return one + other - 2 * (one & other);
    }
}
