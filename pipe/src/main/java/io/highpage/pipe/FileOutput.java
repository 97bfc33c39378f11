// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.internal.pipe.FileBytes;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;

/** A file that is made, or made empty, by each run. */
record FileOutput(Path path) implements PieceOutput {
    FileOutput {
        Objects.requireNonNull(path, "file");
    }

    @Override
    public Optional<Path> file() {
        return Files.isRegularFile(path) ? Optional.of(path) : Optional.empty();
    }

    @Override
    public Sink open() throws IOException {
        FileChannel channel = Files.exists(path) && !Files.isRegularFile(path)
                ? FileChannel.open(path, StandardOpenOption.WRITE)
                : FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        return new Sink() {
            @Override
            public void write(MemorySegment source) throws IOException {
                FileBytes.write(channel, source, count -> {});
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
