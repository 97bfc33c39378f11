// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that appears whole or not at all: it is written under another name beside the path, and
 * takes its own in the end.
 */
final class NewFile implements AutoCloseable {
    private final Path path;
    private final Path part;

    /**
     * Makes an empty file beside the path.
     *
     * @throws java.nio.file.FileAlreadyExistsException if one is left of a run that was killed, or
     *     another run is at work
     * @throws IOException if the path is of something else than a file, such as a device or a pipe,
     *     in whose place the file would come
     */
    NewFile(Path path) throws IOException {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new IOException("it is there, and not a regular file");
        }
        this.path = path;
        this.part = path.resolveSibling(path.getFileName() + ".part");
        Files.createFile(part);
    }

    /** {@return what to write to} */
    Path part() {
        return part;
    }

    /** Waits until all of it is on the disk. */
    void force() throws IOException {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Gives it its name, in place of what has it now. All of it is on the disk by then. */
    void finish() throws IOException {
        force();
        Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes it unless it is finished. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(part);
    }
}
