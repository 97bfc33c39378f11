// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.outcome.AccessMode;
import io.highpage.uring.FixedBuffer;
import io.highpage.uring.RegisteredBuffer;
import io.highpage.uring.Ring;
import io.highpage.uring.RingFile;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * By io_uring: the kernel reads and writes the pages themselves. The buffers are registered once,
 * while their pages come and go. A ring a thread: what the page cache has is copied while
 * operations are submitted, and with one ring reader and writer would take turns.
 */
final class RingTransfer implements Transfer {
    private static final int ENTRIES = 8;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Resources resources = new Resources();
    private final Ring reader;
    private final RingFile in;
    private final RegisteredBuffer from;
    private final Ring writer;
    private final RingFile out;
    private final RegisteredBuffer to;

    /**
     * Opens files and rings.
     *
     * @param records the buffer that is read into
     * @param results the buffer that is written from
     * @throws io.highpage.outcome.OutOfPageMemoryException if the memlock limit is too low
     * @throws IOException if there is no io_uring, or a file cannot be opened
     */
    RingTransfer(Path input, PageBuffer records, Path output, PageBuffer results)
            throws IOException {
        try {
            in = resources.add(RingFile.open(input));
            out = resources.add(RingFile.open(output, StandardOpenOption.WRITE));
            reader = resources.add(Ring.open("reader", ENTRIES));
            writer = resources.add(Ring.open("writer", ENTRIES));
            from = resources.add(reader.register(records));
            to = resources.add(writer.register(results));
        } catch (Throwable failed) {
            resources.close();
            throw failed;
        }
    }

    @Override
    public String description() {
        return "io_uring";
    }

    @Override
    public void read(long fileOffset, PageRange range) throws IOException {
        long bytes = range.byteSize();
        try (Pin pin = range.pin(Pipeline.TERMS.mode(AccessMode.WRITE));
                FixedBuffer fixed = from.register(pin)) {
            long done = reader.readFully(in, fileOffset, fixed, 0, bytes, LIMIT);
            if (done < bytes) {
                throw ChannelTransfer.ended(fileOffset + done);
            }
        }
    }

    @Override
    public void write(long fileOffset, Pin kept) throws IOException {
        try (FixedBuffer fixed = to.register(kept)) {
            writer.writeFully(out, fileOffset, fixed, 0, kept.byteSize(), LIMIT);
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}
