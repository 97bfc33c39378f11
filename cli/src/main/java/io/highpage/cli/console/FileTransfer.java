// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.internal.pipe.FileBytes;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.Terms;
import io.highpage.pipe.Pipe;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Moves bytes between files and buffers: through an io_uring ring where there is one, else through
 * a {@code FileChannel}. Confined to one thread.
 */
public final class FileTransfer implements AutoCloseable {
    private final Optional<RingTransfer> ring;
    private final String description;

    private FileTransfer(Optional<RingTransfer> ring, String description) {
        this.ring = ring;
        this.description = description;
    }

    /**
     * Finds the best way there is.
     *
     * @param runtime the runtime of the buffers
     * @return the way
     */
    public static FileTransfer open(Highpage runtime) {
        Optional<String> leftOut = Pipe.uringLeftOut();
        if (leftOut.isPresent()) {
            return new FileTransfer(Optional.empty(), "FileChannel: " + leftOut.get());
        }
        try {
            RingTransfer ring = RingTransfer.open(runtime);
            return new FileTransfer(Optional.of(ring), ring.toString());
        } catch (IOException | OutOfPageMemoryException missing) {
            return new FileTransfer(Optional.empty(), "FileChannel: " + missing.getMessage());
        }
    }

    /** {@return which way it is, and why} */
    public String description() {
        return description;
    }

    /**
     * Fills a range from a file.
     *
     * @param file the file
     * @param position where to start in the file
     * @param target takes the bytes
     * @param progress is told the number of bytes of each piece
     * @throws IOException if the file cannot be read, or ends too early
     */
    public void read(Path file, long position, PageRange target, LongConsumer progress)
            throws IOException {
        if (ring.isPresent()) {
            ring.get().read(file, position, target, progress);
            return;
        }
        try (FileChannel channel = FileChannel.open(file);
                Hold hold = target.hold()) {
            FileBytes.read(channel, position, hold.segment(), progress);
        }
    }

    /**
     * Adds a range to a file.
     *
     * @param source the bytes
     * @param target the file
     * @param progress is told the number of bytes of each piece
     * @throws UserError if the disk is full or the file cannot be written
     */
    public void write(PageRange source, OutputFile target, LongConsumer progress) {
        if (ring.isPresent() && target.isRegular()) {
            target.append(
                    source.byteSize(),
                    position -> ring.get().write(source, target.written(), position, progress));
            return;
        }
        Terms terms = Pin.longTerm().mode(AccessMode.READ).owner("output file");
        try (Pin pin = source.pin(terms)) {
            target.append(pin.segment(), progress);
        }
    }

    @Override
    public void close() {
        ring.ifPresent(RingTransfer::close);
    }
}
