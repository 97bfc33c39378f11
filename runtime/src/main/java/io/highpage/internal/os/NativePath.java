// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;

/** Paths as the kernel takes them. Thread-safe. */
public final class NativePath {
    private static final int HEXADECIMAL = 16;

    private NativePath() {}

    /**
     * {@return the bytes of a path, made absolute, and a zero}
     *
     * <p>The path's text would do only for names that are text in Java's encoding, which is ASCII
     * under {@code LC_ALL=C}: every other byte becomes a question mark there. Its URI has them all.
     *
     * @param path a path of the default file system
     * @param allocator gives the memory
     */
    public static MemorySegment of(Path path, SegmentAllocator allocator) {
        String escaped = path.toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.charAt(i) == '%') {
                bytes.write(Integer.parseInt(escaped, i + 1, i + 3, HEXADECIMAL));
                i += 2;
            } else {
                bytes.write(escaped.charAt(i));
            }
        }
        bytes.write(0);
        MemorySegment text = allocator.allocate(bytes.size());
        return text.copyFrom(MemorySegment.ofArray(bytes.toByteArray()));
    }
}
