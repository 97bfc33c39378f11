// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.outcome.AccessMode;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where there is no io_uring: channels read and write the pinned memory. */
final class ChannelTransfer implements Transfer {
    private final Resources resources = new Resources();
    private final String why;
    private final FileChannel in;
    private final FileChannel out;

    /** {@code why}: what keeps io_uring from being used. */
    ChannelTransfer(Path input, Path output, String why) throws IOException {
        this.why = why;
        this.in = resources.add(FileChannel.open(input));
        try {
            this.out = resources.add(FileChannel.open(output, StandardOpenOption.WRITE));
        } catch (IOException failed) {
            resources.close();
            throw failed;
        }
    }

    @Override
    public String description() {
        return "FileChannel (" + why + ")";
    }

    @Override
    public void read(long fileOffset, PageRange range) throws IOException {
        try (Pin pin = range.pin(Pipeline.TERMS.mode(AccessMode.WRITE))) {
            readFully(in, fileOffset, pin.asByteBuffer());
        }
    }

    @Override
    public void write(long fileOffset, Pin kept) throws IOException {
        writeFully(out, fileOffset, kept.asByteBuffer());
    }

    static void readFully(FileChannel from, long fileOffset, ByteBuffer target) throws IOException {
        long position = fileOffset;
        while (target.hasRemaining()) {
            int bytes = from.read(target, position);
            if (bytes < 0) {
                throw ended(position);
            }
            position += bytes;
        }
    }

    static void writeFully(FileChannel to, long fileOffset, ByteBuffer source) throws IOException {
        long position = fileOffset;
        while (source.hasRemaining()) {
            position += to.write(source, position);
        }
    }

    /** {@return what to throw where a file has become shorter} */
    static EOFException ended(long position) {
        return new EOFException("it ended at byte " + position + " while it was being read");
    }

    @Override
    public void close() {
        resources.close();
    }
}
