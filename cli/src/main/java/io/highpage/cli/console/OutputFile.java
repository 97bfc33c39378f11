// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.LongConsumer;

/**
 * A file that appears whole or not at all: bytes go to a new file beside it, which takes its name in the end. What was
 * there before is lost only then. Devices and pipes are written directly.
 */
public final class OutputFile implements AutoCloseable {
    private final Path path;
    private final Path written;
    private final FileChannel channel;
    private long bytes;
    private boolean complete;

    private OutputFile(Path path, Path written, FileChannel channel) {
        this.path = path;
        this.written = written;
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
        try {
            if (Files.isDirectory(path)) {
                throw UserError.failed("cannot write " + path + ": it is a folder");
            }
            // Through links, so that the file and not the link to it is replaced.
            Path real = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
            boolean direct = Files.exists(real) && !Files.isRegularFile(real);
            if (Files.exists(real) && !Files.isWritable(real)) {
                throw UserError.failed("cannot write " + path + ": permission denied");
            }
            return direct ? new OutputFile(real, real, FileChannel.open(real, StandardOpenOption.WRITE)) : beside(real);
        } catch (IOException e) {
            throw UserError.io("cannot write " + path, e);
        }
    }

    /** {@return the file that is written} */
    public Path path() {
        return path;
    }

    private static OutputFile beside(Path path) throws IOException {
        String name = "." + path.getFileName() + "." + ProcessHandle.current().pid() + ".part";
        Path written = path.resolveSibling(name);
        FileChannel channel = FileChannel.open(written, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        return new OutputFile(path, written, channel);
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
            throw UserError.io("cannot write " + path + " beyond byte " + bytes, e);
        }
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

    /** {@return whether bytes can be written at positions} */
    public boolean isRegular() {
        return !written.equals(path);
    }

    /** {@return the file that has the bytes until it gets its name} */
    public Path written() {
        return written;
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
            throw UserError.io("cannot write " + path + " beyond byte " + bytes, e);
        }
    }

    /**
     * Gives the file its name.
     *
     * @throws UserError if that is not possible
     */
    public void complete() {
        try {
            channel.close();
            if (!written.equals(path)) {
                if (Files.exists(path)) {
                    Files.setPosixFilePermissions(written, Files.getPosixFilePermissions(path));
                }
                Files.move(written, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            }
            complete = true;
        } catch (IOException e) {
            throw UserError.io("cannot write " + path, e);
        }
    }

    /** Leaves nothing behind unless the file was completed. */
    @Override
    public void close() {
        try {
            channel.close();
            if (!complete && !written.equals(path)) {
                Files.deleteIfExists(written);
            }
        } catch (IOException e) {
            throw UserError.io("cannot remove " + written, e);
        }
    }
}
