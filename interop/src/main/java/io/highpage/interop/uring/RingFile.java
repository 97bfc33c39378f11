// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.uring;

import static io.highpage.bindings.linux.linux_h.EACCES;
import static io.highpage.bindings.linux.linux_h.EEXIST;
import static io.highpage.bindings.linux.linux_h.EINTR;
import static io.highpage.bindings.linux.linux_h.EINVAL;
import static io.highpage.bindings.linux.linux_h.ENOENT;
import static io.highpage.bindings.linux.linux_h.O_CLOEXEC;
import static io.highpage.bindings.linux.linux_h.O_CREAT;
import static io.highpage.bindings.linux.linux_h.O_DIRECT;
import static io.highpage.bindings.linux.linux_h.O_DSYNC;
import static io.highpage.bindings.linux.linux_h.O_EXCL;
import static io.highpage.bindings.linux.linux_h.O_RDONLY;
import static io.highpage.bindings.linux.linux_h.O_RDWR;
import static io.highpage.bindings.linux.linux_h.O_SYNC;
import static io.highpage.bindings.linux.linux_h.O_TRUNC;
import static io.highpage.bindings.linux.linux_h.O_WRONLY;

import io.highpage.internal.os.Errno;
import io.highpage.internal.os.UringCalls;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * An open file, pipe or device for rings: a {@code FileChannel} does not tell its descriptor. Rings may share it.
 *
 * <p>Thread-safe.
 */
public final class RingFile implements AutoCloseable {
    private static final UringCalls CALLS = new UringCalls();
    private static final int PERMISSIONS = 0666; // less the umask, as for any new file
    private static final Set<StandardOpenOption> UNSUPPORTED =
            Set.of(StandardOpenOption.APPEND, StandardOpenOption.DELETE_ON_CLOSE, StandardOpenOption.SPARSE);
    private static final long LARGEST_BLOCK = 4096;

    private final Path path;
    private final int fd;
    private final boolean readable;
    private final boolean writable;
    private final long alignment;

    private int operations;
    private boolean closed;

    private RingFile(Path path, int fd, Set<OpenOption> options, long alignment) {
        this.path = path;
        this.fd = fd;
        this.writable = options.contains(StandardOpenOption.WRITE);
        this.readable = options.contains(StandardOpenOption.READ) || !writable;
        this.alignment = alignment;
    }

    /**
     * Opens a file. Reads and writes go through the page cache.
     *
     * @param path a path of the default file system
     * @param options {@code READ} (the default), {@code WRITE}, {@code CREATE}, {@code CREATE_NEW},
     *     {@code TRUNCATE_EXISTING}, {@code SYNC}, {@code DSYNC} of {@link StandardOpenOption}
     * @return the file
     * @throws IllegalArgumentException if an option is another one, or the path is of another file system
     * @throws IOException if it cannot be opened: the exception that {@code Files} would throw
     */
    public static RingFile open(Path path, OpenOption... options) throws IOException {
        return open(path, false, Set.of(options));
    }

    /**
     * Opens a file with {@code O_DIRECT}: reads and writes go past the page cache, straight between the device and the
     * pinned memory. File offset, length and the address of the memory have to be multiples of {@link #alignment()}.
     *
     * @param path a path of the default file system
     * @param options as for {@link #open}
     * @return the file
     * @throws IllegalArgumentException as for {@link #open}
     * @throws IOException if it cannot be opened, or its file system has no {@code O_DIRECT}
     */
    public static RingFile openDirect(Path path, OpenOption... options) throws IOException {
        return open(path, true, Set.of(options));
    }

    private static RingFile open(Path path, boolean direct, Set<OpenOption> options) throws IOException {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException("path=" + path
                    + " is not of the default file system; io_uring needs a file" + " that the kernel knows");
        }
        int flags = flags(options) | O_CLOEXEC() | (direct ? O_DIRECT() : 0);
        int fd;
        do {
            fd = CALLS.open(path.toString(), flags, PERMISSIONS);
        } while (fd == -EINTR());
        if (fd < 0) {
            throw failure(path, -fd, direct);
        }
        try {
            return new RingFile(path, fd, options, direct ? blockBytes(path) : 1);
        } catch (IOException | RuntimeException unknown) {
            CALLS.close(fd);
            throw unknown;
        }
    }

    private static int flags(Set<OpenOption> options) {
        int flags = 0;
        for (OpenOption option : options) {
            if (!(option instanceof StandardOpenOption standard) || UNSUPPORTED.contains(standard)) {
                throw new IllegalArgumentException("option=" + option + " is not for the files of a ring");
            }
            flags |= switch (standard) {
                case CREATE -> O_CREAT();
                case CREATE_NEW -> O_CREAT() | O_EXCL();
                case TRUNCATE_EXISTING -> O_TRUNC();
                case SYNC -> O_SYNC();
                case DSYNC -> O_DSYNC();
                default -> 0;
            };
        }
        boolean write = options.contains(StandardOpenOption.WRITE);
        boolean read = options.contains(StandardOpenOption.READ);
        int changes = O_CREAT() | O_TRUNC();
        if (!write && (flags & changes) != 0) { // as FileChannel, which ignores them: a reader makes no file
            flags &= ~(changes | O_EXCL());
        }
        return flags | (write ? read ? O_RDWR() : O_WRONLY() : O_RDONLY());
    }

    // Some network file systems name their transfer size as block size; no device asks for more than this.
    private static long blockBytes(Path path) throws IOException {
        return Math.min(LARGEST_BLOCK, Files.getFileStore(path).getBlockSize());
    }

    private static IOException failure(Path path, int errno, boolean direct) {
        String file = path.toString();
        if (errno == ENOENT()) {
            return new NoSuchFileException(file);
        }
        if (errno == EEXIST()) {
            return new FileAlreadyExistsException(file);
        }
        if (errno == EACCES()) {
            return new AccessDeniedException(file);
        }
        String reason = Errno.describe(errno);
        boolean noDirect = direct && errno == EINVAL();
        return new FileSystemException(
                file, null, noDirect ? reason + "; its file system may have no O_DIRECT: use RingFile.open" : reason);
    }

    /** {@return the path that it was opened by} */
    public Path path() {
        return path;
    }

    /** {@return whether it was opened with {@code O_DIRECT}} */
    public boolean isDirect() {
        return alignment > 1;
    }

    /** {@return what offsets, lengths and addresses have to be multiples of, in bytes; 1 unless it is direct} */
    public long alignment() {
        return alignment;
    }

    void checkRange(boolean write, long offset, long byteSize) {
        if (write ? !writable : !readable) {
            throw new IllegalArgumentException(this + " was not opened for " + (write ? "writing" : "reading"));
        }
        if (offset < 0 || byteSize < 1) {
            throw new IllegalArgumentException(
                    "fileOffset=" + offset + " has to be at least 0, byteSize=" + byteSize + " at least 1");
        }
        checkAligned("fileOffset", offset);
        checkAligned("byteSize", byteSize);
    }

    void checkAligned(String what, long value) {
        if (value % alignment != 0) {
            throw new IllegalArgumentException(what + "=" + value + " is not a multiple of alignment=" + alignment
                    + ", which O_DIRECT needs for " + this + "; take whole blocks, or open it with RingFile.open");
        }
    }

    /** Keeps it open during an operation. {@return its descriptor} */
    synchronized int begin() {
        if (closed) {
            throw new IllegalStateException(this + " is closed");
        }
        operations++;
        return fd;
    }

    synchronized void end() {
        operations--;
    }

    /**
     * Closes it. A second call does nothing.
     *
     * @throws IllegalStateException if operations on it are in flight; it then stays open
     * @throws IOException if the file system only now reports that an earlier write failed; it is closed all the same
     */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        if (operations > 0) {
            throw new IllegalStateException(
                    this + " stays open: operations=" + operations + " are in flight; await them first");
        }
        closed = true;
        int result = CALLS.close(fd);
        if (result < 0 && result != -EINTR()) {
            throw new FileSystemException(path.toString(), null, "close failed: " + Errno.describe(-result));
        }
    }

    @Override
    public String toString() {
        return "file " + path;
    }
}
