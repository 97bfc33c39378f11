// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a run has the bytes of an output to: a file, or whatever takes them in order.
 * {@code toString} is what messages call it.
 */
public interface PieceOutput {
    /**
     * {@return a file that takes the bytes from its start on, and that can be written at any
     * position once {@link #open} has returned: a ring opens it too and writes straight from the
     * pipe's memory} Empty if only {@link #open} takes them.
     */
    Optional<Path> file();

    /**
     * Opens it for a run.
     *
     * @return what takes the bytes, closed when the run ends; used by one thread at a time
     * @throws IOException if it cannot be written
     */
    Sink open() throws IOException;

    /** Takes bytes. */
    interface Sink extends Closeable {
        /**
         * Takes the bytes behind those before.
         *
         * @param source the bytes; not to be used afterwards
         * @throws IOException if they cannot be written
         */
        void write(MemorySegment source) throws IOException;
    }

    /**
     * {@return a file, made or made empty by each run} Also a pipe or a device, which is written as
     * it is. Bytes are with the system when the run returns, and on the disk when it likes. A run
     * that fails leaves what it has written.
     *
     * @param file the file
     */
    static PieceOutput of(Path file) {
        return new FileOutput(file);
    }
}
