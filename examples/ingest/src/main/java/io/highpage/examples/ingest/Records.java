// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What the files are made of: readings of sensors, 64 bytes each, in native byte order. A reading
 * is kept if its value is high enough.
 */
final class Records {
    /** The length of a record: number (8 bytes), sensor (4), value (4), and 48 bytes more. */
    static final int BYTES = 64;

    private static final long VALUE = 12;
    private static final int SENSORS = 1000;
    private static final int VALUES = 1000;
    private static final long ODD = 0x9E37_79B9_7F4A_7C15L; // spreads numbers over all bits

    private Records() {}

    /**
     * Writes a file of readings, the same ones each time. Values are whole numbers from 0 to 999,
     * as many of each: a threshold of 900 keeps a tenth.
     *
     * @param file the file, which must not exist
     * @param count how many
     */
    static void make(Path file, long count) throws IOException {
        ByteBuffer some = ByteBuffer.allocateDirect(1 << 20).order(ByteOrder.nativeOrder());
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long number = 0; number < count; number++) {
                put(some, number);
                if (!some.hasRemaining() || number == count - 1) {
                    some.flip();
                    while (some.hasRemaining()) {
                        channel.write(some);
                    }
                    some.clear();
                }
            }
        }
    }

    private static void put(ByteBuffer target, long number) {
        long bits = (number + 1) * ODD;
        bits ^= bits >>> 32;
        target.putLong(number);
        target.putInt((int) (bits >>> 1) % SENSORS);
        target.putFloat((bits >>> 40) % VALUES);
        for (int word = 0; word < 6; word++) {
            bits = bits * ODD + word;
            target.putLong(bits);
        }
    }

    /**
     * The job in Java: copies the records that are kept, in their order.
     *
     * @param in records
     * @param out as long as all that are kept, or longer
     * @param threshold the lowest value that is kept
     * @return how many are kept
     */
    static int keep(MemorySegment in, MemorySegment out, float threshold) {
        int kept = 0;
        for (long at = 0; at < in.byteSize(); at += BYTES) {
            if (isKept(in, at, threshold)) {
                MemorySegment.copy(in, at, out, (long) kept * BYTES, BYTES);
                kept++;
            }
        }
        return kept;
    }

    private static boolean isKept(MemorySegment in, long at, float threshold) {
        return in.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + VALUE) >= threshold;
    }
}
