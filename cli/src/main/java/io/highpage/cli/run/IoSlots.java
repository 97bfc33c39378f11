// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.cli.console.CloseAll;
import io.highpage.cli.console.FileBytes;
import io.highpage.cli.console.FileTransfer;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.SystemMemory;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.uring.FixedBuffer;
import io.highpage.uring.Ring;
import io.highpage.uring.RingFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Host memory that files are read into or written from: slots of a piece of each file, long-term
 * pinned and registered with an io_uring ring of its own for as long as this is open. Without
 * io_uring a {@code FileChannel} uses the same memory. Made and closed by one thread; one other may
 * read and write meanwhile.
 */
final class IoSlots implements AutoCloseable {
    private final int files;
    private final long stride;
    private final PageBuffer memory;
    private final Pin pin;
    private final List<AutoCloseable> open = new ArrayList<>();

    /** Null without io_uring. */
    private @Nullable Registered registered;

    @SuppressWarnings("NullAway.Init") // register() comes before every use
    private String description;

    private IoSlots(int files, long stride, PageBuffer memory, Pin pin) {
        this.files = files;
        this.stride = stride;
        this.memory = memory;
        this.pin = pin;
    }

    /** The memory as a ring has it. */
    private record Registered(Ring ring, FixedBuffer memory) {}

    /** Moves a range of a file to or from memory. */
    @FunctionalInterface
    interface Piece {
        /**
         * Moves it and waits for it.
         *
         * @param position where it starts in the file
         * @param slot the slot to use
         * @param bytes its length
         */
        void move(long position, int slot, long bytes);
    }

    /**
     * Takes and pins memory, and registers it where there is io_uring.
     *
     * @param runtime owner of the memory
     * @param name what it is for
     * @param files how many files a slot has a piece of
     * @param slots how many slots
     * @param pieceBytes the most bytes of a piece
     */
    static IoSlots open(Highpage runtime, String name, int files, int slots, long pieceBytes) {
        long stride = SystemMemory.wholePages(pieceBytes);
        PageBuffer memory = runtime.allocate(stride * files * slots);
        Pin pin = null;
        try {
            // Channels are used by the stage's thread.
            pin = memory.pin(Pin.longTerm().owner(name).shared());
            IoSlots made = new IoSlots(files, stride, memory, pin);
            made.register(
                    name,
                    "io_uring, " + slots + " registered buffers of " + Units.bytes(pieceBytes)
                            + " a file");
            return made;
        } catch (RuntimeException | Error failed) {
            CloseAll.after(failed, pin, memory);
            throw failed;
        }
    }

    private void register(String name, String success) {
        if (FileTransfer.uringLeftOut().isPresent()) {
            description = "FileChannel: " + FileTransfer.uringLeftOut().get();
            return;
        }
        try {
            Ring made = Ring.open(name, files);
            try {
                registered = new Registered(made, made.register(pin));
                open.add(made); // closed before the files: it waits for operations on them
                description = success;
            } catch (IOException | RuntimeException | Error failed) {
                CloseAll.after(failed, made);
                throw failed;
            }
        } catch (IOException | OutOfPageMemoryException missing) {
            description = "FileChannel: " + missing.getMessage();
        }
    }

    /** {@return how files are read or written, and why} */
    String description() {
        return description;
    }

    PageBuffer memory() {
        return memory;
    }

    /** {@return where a file's piece starts in the memory} */
    long offset(int slot, int file) {
        return (long) (slot * files + file) * stride;
    }

    /** {@return what reads the pieces of a file; open until this closes} */
    Piece reader(FileArgument input, int file) {
        try {
            Reading reading = registered == null
                    ? channelReading(input.readable())
                    : ringReading(input.readable(), registered);
            return (position, slot, bytes) -> {
                try {
                    reading.read(position, offset(slot, file), bytes);
                } catch (IOException e) {
                    throw UserError.io("cannot read " + input, e);
                }
            };
        } catch (IOException e) {
            throw UserError.io("cannot read " + input, e);
        }
    }

    private interface Reading {
        void read(long position, long at, long bytes) throws IOException;
    }

    private Reading channelReading(Path path) throws IOException {
        FileChannel channel = kept(FileChannel.open(path));
        return (position, at, bytes) ->
                FileBytes.read(channel, position, segment(at, bytes), count -> {});
    }

    private Reading ringReading(Path path, Registered by) throws IOException {
        RingFile file = kept(RingFile.open(path));
        return (position, at, bytes) ->
                FileBytes.read(by.ring, file, position, by.memory, at, bytes);
    }

    /** {@return what adds pieces to a file, which come in order; open until this closes} */
    Piece writer(OutputFile output, int file) {
        Registered by = registered;
        if (by == null || !output.isRegular()) {
            return (position, slot, bytes) ->
                    output.append(segment(offset(slot, file), bytes), count -> {});
        }
        try {
            RingFile written = kept(RingFile.open(output.written(), StandardOpenOption.WRITE));
            return (position, slot, bytes) -> output.append(
                    bytes,
                    at -> FileBytes.write(
                            by.ring, written, at, by.memory, offset(slot, file), bytes));
        } catch (IOException e) {
            throw UserError.io("cannot write " + output.path(), e);
        }
    }

    private MemorySegment segment(long at, long bytes) {
        return pin.segment().asSlice(at, bytes);
    }

    private <T extends AutoCloseable> T kept(T file) {
        open.add(file);
        return file;
    }

    /** Waits for the operations that a stage has given up, then lets everything go. */
    @Override
    public void close() {
        List<AutoCloseable> all = new ArrayList<>(open);
        all.add(pin);
        all.add(memory);
        CloseAll.inOrder(all);
    }
}
