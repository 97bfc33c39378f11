// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes of a file that one task works on. The file is looked at when the job begins. Immutable and
 * thread-safe.
 *
 * @param path the file, as the driver and every executor see it; kept as an absolute path
 * @param offset where the range begins, in bytes from 0
 * @param byteSize how long it is, in bytes from 0; may be more than 2 GiB
 */
public record FileRange(String path, long offset, long byteSize) implements Serializable {
    /**
     * Makes a range.
     *
     * @throws IllegalArgumentException if the path is none of a file system that Java itself reads,
     *     or offset or size are negative, or their sum is beyond {@link Long#MAX_VALUE}
     */
    public FileRange {
        path = LocalPath.of(path).toString();
        if (offset < 0 || byteSize < 0 || offset > Long.MAX_VALUE - byteSize) {
            throw new IllegalArgumentException("no range of " + path + ": offset " + offset + ", "
                    + byteSize + " bytes; both are 0 or more");
        }
    }

    /**
     * {@return the whole of a file, as long as it is now}
     *
     * @param file an absolute path, or one that is relative to this process's folder
     * @throws IOException if there is no such file
     */
    public static FileRange whole(Path file) throws IOException {
        return new FileRange(file.toString(), 0, Files.size(file));
    }

    /**
     * Cuts a file into ranges, as long as it is now. Only a kernel that works on each element by
     * itself gives the same results over them as over the whole.
     *
     * @param file an absolute path, or one that is relative to this process's folder
     * @param rangeBytes how long a range is, at least 1; the last one may be shorter. A multiple of
     *     the kernel's elements
     * @return the ranges in order; one of no bytes for an empty file
     * @throws IOException if there is no such file
     * @throws IllegalArgumentException if {@code rangeBytes} is less than 1
     */
    public static List<FileRange> cut(Path file, long rangeBytes) throws IOException {
        if (rangeBytes < 1) {
            throw new IllegalArgumentException("a range of " + rangeBytes + " bytes; at least 1");
        }
        FileRange whole = whole(file);
        List<FileRange> ranges = new ArrayList<>();
        long offset = 0;
        do {
            long bytes = Math.min(rangeBytes, whole.byteSize - offset);
            ranges.add(new FileRange(whole.path, offset, bytes));
            offset += bytes;
        } while (offset < whole.byteSize);
        return List.copyOf(ranges);
    }

    /** {@return the position behind the last byte} */
    long end() {
        return offset + byteSize;
    }

    /** {@return such as {@code /data/a.bin, bytes 0 to 4096}} */
    @Override
    public String toString() {
        return path + ", bytes " + offset + " to " + end();
    }
}
