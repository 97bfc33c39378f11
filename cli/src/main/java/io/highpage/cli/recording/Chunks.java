// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.recording;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * The chunks that a recording is made of. Each can be understood by itself, but only as a whole:
 * what its numbers mean is told near its end.
 *
 * @param starts when each whole chunk begins, in nanoseconds since 1970
 * @param end when the last one ends
 * @param bytes how long they are together; the file may go on with a part of another
 * @param lastAt where the last one is
 * @param unfinished whether the last of them was still being written, and ends where it was last
 *     brought to the disk
 */
record Chunks(List<Long> starts, long end, long bytes, long lastAt, boolean unfinished) {
    static final int HEADER_BYTES = 68;
    /** Where a header says whether its chunk is being written. */
    static final int STATE_AT = 64;

    private static final int MAGIC = 'F' << 24 | 'L' << 16 | 'R' << 8;

    /**
     * Finds the whole chunks.
     *
     * @param file a file
     * @return them; none if not even the first is whole
     * @throws IOException if the file cannot be read, or is no recording that can be understood
     */
    static Chunks of(FileChannel file) throws IOException {
        List<Long> starts = new ArrayList<>();
        long end = 0;
        long bytes = 0;
        long lastAt = 0;
        boolean unfinished = false;
        while (!unfinished) {
            ByteBuffer header = header(file, bytes);
            if (bytes == 0) {
                check(header);
            }
            long size = header.limit() < HEADER_BYTES ? 0 : header.getLong(8);
            // Where the constants and the types are: nowhere before they are first written.
            if (size <= HEADER_BYTES
                    || size > file.size() - bytes
                    || header.getInt(0) != MAGIC
                    || header.getLong(16) <= 0
                    || header.getLong(24) <= 0) {
                break;
            }
            starts.add(header.getLong(32));
            end = header.getLong(32) + header.getLong(40);
            lastAt = bytes;
            bytes += size;
            unfinished = header.get(STATE_AT) != 0;
        }
        return new Chunks(List.copyOf(starts), end, bytes, lastAt, unfinished);
    }

    private static ByteBuffer header(FileChannel file, long at) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        while (header.hasRemaining() && file.read(header, at + header.position()) > 0) {
            // on
        }
        return header.flip();
    }

    private static void check(ByteBuffer first) throws IOException {
        byte[] magic = {'F', 'L', 'R', 0};
        for (int i = 0; i < Math.min(first.limit(), magic.length); i++) {
            if (first.get(i) != magic[i]) {
                throw new IOException("it is not a recording of the JDK's flight recorder");
            }
        }
        if (first.limit() >= 8 && (first.getShort(4) < 1 || first.getShort(4) > 2)) {
            throw new IOException("it has version " + first.getShort(4) + "." + first.getShort(6)
                    + " of the flight recorder's format, and this Java knows 1 and 2: read it with"
                    + " the Java that recorded it, or a newer one");
        }
    }
}
