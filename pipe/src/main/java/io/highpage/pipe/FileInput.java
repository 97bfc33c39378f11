// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.internal.pipe.FileBytes;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** A range of a file. */
record FileInput(Path path, long offset, long byteSize, String name) implements PieceInput {
    FileInput {
        Objects.requireNonNull(path, "file");
        Objects.requireNonNull(name, "name");
        if (offset < 0 || byteSize < 0 || offset + byteSize < 0) {
            throw new IllegalArgumentException(
                    name + ": offset=" + offset + " and byteSize=" + byteSize + " are no range");
        }
    }

    @Override
    public Optional<Path> file() {
        return Optional.of(path);
    }

    @Override
    public Source open() throws IOException {
        FileChannel channel = FileChannel.open(path);
        return new Source() {
            @Override
            public void read(long position, MemorySegment target) throws IOException {
                FileBytes.read(channel, offset + position, target, count -> {});
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
