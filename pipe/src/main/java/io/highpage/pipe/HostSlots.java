// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.Budget;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.internal.pipe.FileBytes;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.uring.FixedBuffer;
import io.highpage.uring.Ring;
import io.highpage.uring.RingFile;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/**
 * Host memory that files are read into or written from: slots of a piece of each file, long-term
 * pinned and registered with an io_uring ring of its own for as long as this is open. Without
 * io_uring a channel uses the same memory. Made and closed by one thread; one other may read and
 * write meanwhile.
 */
final class HostSlots implements AutoCloseable {
    /** How long an operation that was given up may go on before it is cancelled. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final String ALONE = "FileChannel: one thread waits for each piece itself";

    private final int files;
    private final long stride;
    private final PageBuffer memory;
    private final Pin pin;
    private final String name;
    private final PipeShape shape;

    /** Null until a run has several threads, and without io_uring. */
    private @Nullable Registered registered;

    private String transfer = ALONE;

    private HostSlots(String name, int files, PipeShape shape, PageBuffer memory, Pin pin) {
        this.name = name;
        this.files = files;
        this.shape = shape;
        this.stride = shape.strideBytes();
        this.memory = memory;
        this.pin = pin;
    }

    /** The memory as a ring has it. */
    private record Registered(Ring ring, FixedBuffer memory) {}

    /** Moves pieces of one file, in order. */
    interface Mover extends Closeable {
        /**
         * Moves a piece and waits for it.
         *
         * @param position where it starts in the input or output
         * @param slot the slot to use
         * @param bytes its length
         */
        void move(long position, int slot, long bytes) throws IOException;
    }

    /**
     * Takes and pins memory.
     *
     * @param budget what the memory counts in
     * @param name what it is for
     * @param files how many files a slot has a piece of
     * @param shape the slots
     */
    static HostSlots open(Budget budget, String name, int files, PipeShape shape) {
        PageBuffer memory = budget.allocate(shape.strideBytes() * files * shape.slots());
        Pin pin = null;
        try {
            // Each stage's thread uses them.
            pin = memory.pin(Pin.longTerm().owner(name).shared());
            return new HostSlots(name, files, shape, memory, pin);
        } catch (Throwable failed) {
            throw Ends.after(failed, pin, memory);
        }
    }

    /**
     * Registers the memory where there is io_uring, for runs whose threads wait for files while
     * others work. Again does nothing.
     */
    void register() {
        if (!transfer.equals(ALONE)) {
            return;
        }
        Optional<String> leftOut = Pipe.uringLeftOut();
        if (leftOut.isPresent()) {
            transfer = "FileChannel: " + leftOut.get();
            return;
        }
        try {
            Ring made = Ring.builder(name).entries(files).patience(PATIENCE).open();
            try {
                registered = new Registered(made, made.register(pin));
                transfer = "io_uring, " + shape.slots() + " registered buffers of "
                        + shape.pieceBytes() + " bytes a file";
            } catch (Throwable failed) {
                throw Ends.after(failed, made);
            }
        } catch (IOException | OutOfPageMemoryException missing) {
            transfer = "FileChannel: " + missing.getMessage();
        }
    }

    /** {@return how files are read or written, and why} */
    String transfer() {
        return transfer;
    }

    PageBuffer memory() {
        return memory;
    }

    /** {@return where a file's piece starts in the memory} */
    long offset(int slot, int file) {
        return (long) (slot * files + file) * stride;
    }

    /** {@return the memory of a file's piece} */
    MemorySegment segment(int slot, int file, long bytes) {
        return pin.segment().asSlice(offset(slot, file), bytes);
    }

    /**
     * {@return what reads the pieces of an input}
     *
     * @param byRing whether by io_uring, if the memory is registered
     */
    Mover reader(PieceInput input, int file, boolean byRing) throws IOException {
        try {
            Registered by = byRing ? registered : null;
            Mover plain = by == null || input.file().isEmpty()
                    ? channelReader(input, file)
                    : ringReader(input, input.file().get(), file, by);
            return new Failing(plain, "cannot read " + input) {
                @Override
                String where(long position) {
                    return " from byte " + (input.offset() + position) + " on";
                }
            };
        } catch (IOException e) {
            throw FileBytes.failed("cannot read " + input, e);
        }
    }

    private Mover channelReader(PieceInput input, int file) throws IOException {
        PieceInput.Source source = input.open();
        return mover(
                source,
                (position, slot, bytes) -> source.read(position, segment(slot, file, bytes)));
    }

    private Mover ringReader(PieceInput input, Path path, int file, Registered by)
            throws IOException {
        RingFile opened = RingFile.open(path);
        return mover(
                opened::close,
                (position, slot, bytes) -> FileBytes.read(
                        by.ring,
                        opened,
                        input.offset() + position,
                        by.memory,
                        offset(slot, file),
                        bytes));
    }

    /**
     * {@return what adds pieces to an output, which come in order}
     *
     * @param byRing as of {@link #reader}
     */
    Mover writer(PieceOutput output, int file, boolean byRing) throws IOException {
        try {
            PieceOutput.Sink sink = output.open();
            try {
                Registered by = byRing ? registered : null;
                Optional<Path> path = output.file();
                Mover plain = by != null && path.isPresent()
                        ? ringWriter(path.get(), sink, file, by)
                        : mover(
                                sink,
                                (position, slot, bytes) -> sink.write(segment(slot, file, bytes)));
                return new Failing(plain, "cannot write " + output) {
                    @Override
                    String where(long position) {
                        return " beyond byte " + written(output, position);
                    }
                };
            } catch (Throwable failed) {
                throw Ends.after(failed, sink);
            }
        } catch (IOException e) {
            throw FileBytes.failed("cannot write " + output, e);
        }
    }

    private Mover ringWriter(Path path, PieceOutput.Sink sink, int file, Registered by)
            throws IOException {
        RingFile opened = RingFile.open(path, StandardOpenOption.WRITE);
        return mover(
                () -> {
                    try (sink) {
                        opened.close();
                    }
                },
                (position, slot, bytes) -> FileBytes.write(
                        by.ring, opened, position, by.memory, offset(slot, file), bytes));
    }

    /** {@return the bytes that an output has; what was written in part counts too} */
    private static long written(PieceOutput output, long position) {
        try {
            Optional<Path> file = output.file();
            return file.isPresent() ? Math.max(position, Files.size(file.get())) : position;
        } catch (IOException gone) {
            return position;
        }
    }

    private interface Move {
        void move(long position, int slot, long bytes) throws IOException;
    }

    private static Mover mover(Closeable opened, Move move) {
        return new Mover() {
            @Override
            public void move(long position, int slot, long bytes) throws IOException {
                move.move(position, slot, bytes);
            }

            @Override
            public void close() throws IOException {
                opened.close();
            }
        };
    }

    /** Says what could not be done, and where. */
    private abstract static class Failing implements Mover {
        private final Mover mover;
        private final String what;

        Failing(Mover mover, String what) {
            this.mover = mover;
            this.what = what;
        }

        abstract String where(long position);

        @Override
        public void move(long position, int slot, long bytes) throws IOException {
            try {
                mover.move(position, slot, bytes);
            } catch (EOFException e) { // says where
                throw FileBytes.failed(what, e);
            } catch (IOException e) {
                throw FileBytes.failed(what + where(position), e);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                mover.close();
            } catch (IOException e) {
                throw FileBytes.failed(what, e);
            }
        }
    }

    /** Waits until the ring uses the memory no more. It can only be closed after that. */
    void quiesce() throws IOException {
        if (registered != null) {
            registered.memory.close();
        }
    }

    /** Goes on, if called again, where something was in the way. */
    @Override
    public void close() {
        Ends.all(registered == null ? null : registered.ring, pin, memory);
    }
}
