// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import io.highpage.internal.pipe.FileBytes;
import io.highpage.pipe.PieceOutput;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * A file that appears whole or not at all: bytes go to a new file, which takes its place in the
 * end. What was there before is lost only then, its permissions and owner stay. Devices, pipes and
 * descriptors such as {@code /dev/stdout} are written directly. Confined to one thread.
 */
public final class OutputFile implements PieceOutput, AutoCloseable {
    private static final String BROKEN_PIPE = "Broken pipe";

    private final Path path;
    /** Empty where bytes go to the path directly. */
    private final Optional<Unfinished> unfinished;

    private final FileChannel channel;
    private long bytes;

    private OutputFile(Path path, Optional<Unfinished> unfinished, FileChannel channel) {
        this.path = path;
        this.unfinished = unfinished;
        this.channel = channel;
    }

    /**
     * Starts to write a file.
     *
     * @param path the file; it need not exist
     * @return the output
     * @throws UserError if it cannot be written
     */
    public static OutputFile create(Path path) {
        return create(path, true);
    }

    static OutputFile create(Path path, boolean unnamed) {
        try {
            if (Files.isDirectory(path)) {
                throw UserError.failed("cannot write " + path + ": it is a folder");
            }
            if (Descriptors.isForReading(path)) {
                throw UserError.failed("cannot write " + path + ": it is not open for writing");
            }
            boolean descriptor = Descriptors.isDescriptor(path);
            if (descriptor || Files.exists(path) && !Files.isRegularFile(path)) {
                // Behind what is there already, should a shell's '>>' have opened it.
                StandardOpenOption option =
                        descriptor ? StandardOpenOption.APPEND : StandardOpenOption.WRITE;
                return new OutputFile(path, Optional.empty(), FileChannel.open(path, option));
            }
            return of(path, Unfinished.replacing(path, unnamed));
        } catch (IOException e) {
            throw UserError.io("cannot write " + path, e);
        }
    }

    /**
     * Starts to write a file that nobody else sees and that is gone in the end.
     *
     * @return the output
     * @throws UserError if it cannot be written
     */
    public static OutputFile temporary() {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            return of(folder, Unfinished.temporary(folder));
        } catch (IOException e) {
            throw UserError.io("cannot write to the temporary folder " + folder, e);
        }
    }

    private static OutputFile of(Path path, Unfinished unfinished) throws IOException {
        try {
            return new OutputFile(path, Optional.of(unfinished), unfinished.open());
        } catch (IOException | RuntimeException | Error e) {
            CloseAll.after(e, unfinished);
            throw e;
        }
    }

    /** {@return the file that is written} */
    public Path path() {
        return path;
    }

    /**
     * {@return what killed runs left in the folder of a file to be written, and how to remove it;
     * empty if there is nothing}
     *
     * @param path the file
     */
    public static Optional<String> leftovers(Path path) {
        Path folder = path.toAbsolutePath().getParent();
        List<Path> left = folder == null || Descriptors.isDescriptor(path)
                ? List.of()
                : Unfinished.leftovers(folder);
        return left.isEmpty()
                ? Optional.empty()
                : Optional.of("an output that was not finished is left in " + folder
                        + "; if no other run is at work there: rm --"
                        + left.stream()
                                .map(file -> " '" + file.toString().replace("'", "'\\''") + "'")
                                .collect(Collectors.joining()));
    }

    /**
     * Adds bytes.
     *
     * @param source the bytes
     * @param progress is told the number of bytes of each piece
     * @throws UserError if the disk is full or the file cannot be written
     */
    public void append(MemorySegment source, LongConsumer progress) {
        try {
            FileBytes.write(channel, source, count -> {
                bytes += count;
                progress.accept(count);
            });
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** {@return a stream that adds bytes; closing it does nothing} */
    public OutputStream stream() {
        return new OutputStream() {
            @Override
            public void write(int each) {
                write(new byte[] {(byte) each}, 0, 1);
            }

            @Override
            public void write(byte[] source, int from, int length) {
                append(MemorySegment.ofArray(source).asSlice(from, length), count -> {});
            }
        };
    }

    @Override
    public Optional<Path> file() {
        return isRegular() ? Optional.of(written()) : Optional.empty();
    }

    /** {@return what adds bytes; closing it does nothing} */
    @Override
    public Sink open() {
        return new Sink() {
            @Override
            public void write(MemorySegment source) {
                append(source, count -> {});
            }

            @Override
            public void close() {}
        };
    }

    /** Writes bytes at a position of the file. */
    @FunctionalInterface
    public interface Writer {
        /**
         * Writes.
         *
         * @param position where to start in the file
         * @throws IOException if it could not
         */
        void write(long position) throws IOException;
    }

    /**
     * {@return whether bytes can be written at positions, and read again, through
     * {@link #written()}}
     */
    public boolean isRegular() {
        return unfinished.isPresent() && unfinished.get().isReachable();
    }

    /** {@return a path that opens the very file that has the bytes until it takes its place} */
    public Path written() {
        return unfinished.orElseThrow().path();
    }

    /**
     * Has bytes added by somebody who opens the file himself.
     *
     * @param byteSize number of bytes
     * @param writer adds them
     * @throws UserError if the disk is full or the file cannot be written
     */
    public void append(long byteSize, Writer writer) {
        try {
            writer.write(bytes);
            bytes += byteSize;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** {@return the file's length; for what is no file, the bytes that were written} */
    public long byteSize() {
        try {
            return unfinished.isPresent() ? channel.size() : bytes;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private UserError failed(IOException why) {
        if (BROKEN_PIPE.equals(why.getMessage()) && Descriptors.isStandardOutput(path)) {
            return UserError.nobodyReads(why);
        }
        return UserError.io("cannot write " + this + " beyond byte " + bytesWritten(), why);
    }

    /** What was written in part counts too. */
    private long bytesWritten() {
        try {
            return unfinished.isPresent() ? Math.max(bytes, channel.size()) : bytes;
        } catch (IOException closed) {
            return bytes;
        }
    }

    /**
     * Puts the file in its place.
     *
     * @throws UserError if that is not possible
     */
    public void complete() {
        complete(List.of(this));
    }

    /**
     * Puts all files in their places, or none: what was there is put back when one of them cannot
     * have its place. All bytes, and the new names, are on the disk when this returns.
     *
     * @param files the files
     * @throws UserError if that is not possible
     */
    public static void complete(List<OutputFile> files) {
        files.forEach(OutputFile::force);
        List<OutputFile> replaced = new ArrayList<>();
        try {
            for (OutputFile file : files) {
                file.step(unfinished -> unfinished.prepare(files.size() > 1));
            }
            for (OutputFile file : files) {
                replaced.add(file); // before: what fails half-way has to be put back too
                file.step(Unfinished::replace);
            }
            for (OutputFile file : files) {
                file.step(Unfinished::forceFolder);
            }
        } catch (UserError failed) {
            for (OutputFile file : replaced) {
                try {
                    file.step(Unfinished::putBack);
                } catch (UserError alsoFailed) {
                    failed.addSuppressed(alsoFailed);
                }
            }
            throw failed;
        }
    }

    /** A step of taking its place. */
    @FunctionalInterface
    private interface Step {
        void take(Unfinished unfinished) throws IOException;
    }

    private void step(Step step) {
        if (unfinished.isPresent()) {
            try {
                step.take(unfinished.get());
            } catch (IOException e) {
                throw UserError.io("cannot write " + path, e);
            }
        }
    }

    /** {@return what messages call it} */
    @Override
    public String toString() {
        return unfinished.isPresent() && unfinished.get().isTemporary()
                ? "a temporary file in " + path
                : path.toString();
    }

    private void force() {
        try {
            if (unfinished.isPresent()) {
                channel.force(true);
            }
            channel.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Leaves nothing behind unless the file was completed. */
    @Override
    public void close() {
        try {
            channel.close();
            if (unfinished.isPresent()) {
                unfinished.get().close();
            }
        } catch (IOException e) {
            throw UserError.io("cannot remove what was written for " + path, e);
        }
    }
}
