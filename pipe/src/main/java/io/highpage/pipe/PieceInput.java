// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a run has the bytes of an input from: a range of a file, or whatever fills memory.
 * {@code toString} is what messages call it.
 */
public interface PieceInput {
    /** {@return how many bytes it has} */
    long byteSize();

    /**
     * {@return a file that has the bytes, from {@link #offset} on, and that can be read at any
     * position: a ring opens it and reads straight into the pipe's memory} Empty if only
     * {@link #open} gives them.
     */
    Optional<Path> file();

    /** {@return where the bytes begin in the file} */
    long offset();

    /**
     * Opens it for a run.
     *
     * @return what gives the bytes, closed when the run ends; used by one thread at a time
     * @throws IOException if it cannot be read
     */
    Source open() throws IOException;

    /** Gives bytes. */
    interface Source extends Closeable {
        /**
         * Fills memory.
         *
         * @param position where to start, from the input's own start
         * @param target takes the bytes; not to be used afterwards
         * @throws IOException if it cannot be read, or ends before the memory is full
         */
        void read(long position, MemorySegment target) throws IOException;
    }

    /**
     * {@return a range of a file, opened by each run}
     *
     * @param file a regular file
     * @param offset where the range begins, at least 0
     * @param byteSize its length, at least 0. The file may be longer; a run fails if it is shorter
     * @throws IllegalArgumentException if a number is negative, or they are too large together
     */
    static PieceInput of(Path file, long offset, long byteSize) {
        return of(file, offset, byteSize, file.toString());
    }

    /**
     * {@return a range of a file, opened by each run}
     *
     * @param file a regular file
     * @param offset where the range begins
     * @param byteSize its length
     * @param name what messages call it
     * @throws IllegalArgumentException if a number is negative, or they are too large together
     */
    static PieceInput of(Path file, long offset, long byteSize, String name) {
        return new FileInput(file, offset, byteSize, name);
    }
}
