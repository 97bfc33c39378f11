// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static io.highpage.bindings.linux.linux_h.EACCES;
import static io.highpage.bindings.linux.linux_h.EEXIST;
import static io.highpage.bindings.linux.linux_h.EINTR;
import static io.highpage.bindings.linux.linux_h.EINVAL;
import static io.highpage.bindings.linux.linux_h.ENOENT;
import static io.highpage.bindings.linux.linux_h.O_CLOEXEC;
import static io.highpage.bindings.linux.linux_h.O_CREAT;
import static io.highpage.bindings.linux.linux_h.O_DSYNC;
import static io.highpage.bindings.linux.linux_h.O_EXCL;
import static io.highpage.bindings.linux.linux_h.O_RDONLY;
import static io.highpage.bindings.linux.linux_h.O_RDWR;
import static io.highpage.bindings.linux.linux_h.O_SYNC;
import static io.highpage.bindings.linux.linux_h.O_TRUNC;
import static io.highpage.bindings.linux.linux_h.O_WRONLY;

import io.highpage.bindings.linux.linux_h;
import io.highpage.internal.jvm.NativeAccess;
import io.highpage.internal.os.Errno;
import io.highpage.internal.os.NativePath;
import io.highpage.internal.os.Processor;
import io.highpage.internal.os.UringCalls;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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
 * An open file, pipe or device for rings: a {@code FileChannel} does not tell its descriptor. Rings
 * may share it.
 *
 * <p>Thread-safe.
 */
public final class RingFile implements AutoCloseable {
    private static final int O_DIRECT =
            Processor.here().map(Processor::oDirect).orElseGet(linux_h::O_DIRECT);

    private static final int PERMISSIONS = 0666; // less the umask, as for any new file
    private static final Set<StandardOpenOption> UNSUPPORTED = Set.of(
            StandardOpenOption.APPEND,
            StandardOpenOption.DELETE_ON_CLOSE,
            StandardOpenOption.SPARSE);
    private static final long LARGEST_BLOCK = 4096;

    /**
     * In {@link #uses}: closed, no operation may begin. Alone, nothing uses the descriptor any
     * more.
     */
    private static final int CLOSED = Integer.MIN_VALUE;

    private static final VarHandle USES;
    private static final VarHandle TAKEN;

    static {
        try {
            USES = MethodHandles.lookup().findVarHandle(RingFile.class, "uses", int.class);
            TAKEN = MethodHandles.lookup().findVarHandle(RingFile.class, "taken", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final UringCalls calls;
    private final Path path;
    private final boolean readable;
    private final boolean writable;
    private final long alignment;

    private volatile int fd = -1;

    /** How many operations use it, and {@link #CLOSED}. */
    private volatile int uses;

    /** Whether somebody closes or has closed the descriptor. */
    private volatile boolean taken;

    private RingFile(UringCalls calls, Path path, Set<OpenOption> options, long alignment) {
        this.calls = calls;
        this.path = path;
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
     * @throws IllegalArgumentException if an option is another one, or the path is of another file
     *     system
     * @throws IllegalCallerException if Java denies native access; says how to start it
     * @throws IOException if it cannot be opened: the exception that {@code Files} would throw
     */
    public static RingFile open(Path path, OpenOption... options) throws IOException {
        NativeAccess.check(); // first: the class of the calls could not be initialised
        return open(new UringCalls(), path, false, Set.of(options));
    }

    /**
     * Opens a file with {@code O_DIRECT}: reads and writes go past the page cache, straight between
     * the device and the pinned memory. File offset, length and the address of the memory have to
     * be multiples of {@link #alignment()}.
     *
     * @param path a path of the default file system
     * @param options as for {@link #open}
     * @return the file
     * @throws IllegalArgumentException as for {@link #open}
     * @throws IllegalCallerException as for {@link #open}
     * @throws IOException if it cannot be opened, or its file system has no {@code O_DIRECT}
     */
    public static RingFile openDirect(Path path, OpenOption... options) throws IOException {
        NativeAccess.check();
        return open(new UringCalls(), path, true, Set.of(options));
    }

    /** Tests let calls fail. */
    static RingFile open(UringCalls calls, Path path, boolean direct, Set<OpenOption> options)
            throws IOException {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException(
                    "path=" + path + " is not of the default file system; io_uring needs a file"
                            + " that the kernel knows");
        }
        int flags = flags(options) | O_CLOEXEC() | (direct ? O_DIRECT : 0);
        // All that may fail comes first: nothing could close the descriptor for certain when memory
        // is short.
        RingFile file = new RingFile(calls, path, options, direct ? blockBytes(path) : 1);
        MemorySegment name = NativePath.of(path, Arena.ofAuto());
        int fd;
        do {
            fd = calls.open(name, flags, PERMISSIONS);
        } while (fd == -EINTR());
        if (fd < 0) {
            throw failure(path, -fd, direct);
        }
        file.fd = fd;
        return file;
    }

    private static int flags(Set<OpenOption> options) {
        int flags = 0;
        for (OpenOption option : options) {
            if (!(option instanceof StandardOpenOption standard)
                    || UNSUPPORTED.contains(standard)) {
                throw new IllegalArgumentException(
                        "option=" + option + " is not for the files of a ring");
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
        if (!write
                && (flags & changes)
                        != 0) { // as FileChannel, which ignores them: a reader makes no file
            flags &= ~(changes | O_EXCL());
        }
        return flags | (write ? read ? O_RDWR() : O_WRONLY() : O_RDONLY());
    }

    // Some network file systems name their transfer size as block size; no device asks for more
    // than this.
    private static long blockBytes(Path path) {
        Path there = Files.exists(path) ? path : path.toAbsolutePath().getParent();
        try {
            return Math.min(LARGEST_BLOCK, Files.getFileStore(there).getBlockSize());
        } catch (IOException noMount) { // none that this process can see, as in a chroot
            return LARGEST_BLOCK;
        }
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
                file,
                null,
                noDirect
                        ? reason + "; its file system may have no O_DIRECT: use RingFile.open"
                        : reason);
    }

    /** {@return the path that it was opened by} */
    public Path path() {
        return path;
    }

    /** {@return whether it was opened with {@code O_DIRECT}} */
    public boolean isDirect() {
        return alignment > 1;
    }

    /**
     * {@return what offsets, lengths and addresses have to be multiples of, in bytes; 1 unless it
     * is direct}
     */
    public long alignment() {
        return alignment;
    }

    void checkRange(boolean write, long offset, long byteSize) {
        if (write ? !writable : !readable) {
            throw new IllegalArgumentException(
                    this + " was not opened for " + (write ? "writing" : "reading"));
        }
        if (offset < 0 || byteSize < 0) {
            throw new IllegalArgumentException("fileOffset=" + offset + " and byteSize=" + byteSize
                    + " have to be at least 0");
        }
        checkAligned("fileOffset", offset);
        checkAligned("byteSize", byteSize);
    }

    void checkAligned(String what, long value) {
        if (value % alignment != 0) {
            throw new IllegalArgumentException(what + "=" + value
                    + " is not a multiple of alignment=" + alignment + ", which O_DIRECT needs for "
                    + this + "; take whole blocks, or open it with RingFile.open");
        }
    }

    int fd() {
        return fd;
    }

    /** Keeps it open during an operation. */
    void begin() {
        int now;
        do {
            now = uses;
            if (now < 0) {
                throw new IllegalStateException(this + " is closed");
            }
            // ORD volatile: either this count comes first or the close, which then sees it; pairs
            // with close().
        } while (!USES.compareAndSet(this, now, now + 1));
    }

    /** An operation has ended; whoever calls this sees to {@link #closeIfUnused}. */
    void end() {
        // ORD volatile: the last one sees whether it is closed; pairs with close().
        int ignored = (int) USES.getAndAdd(this, -1);
    }

    boolean isClosed() {
        return uses < 0;
    }

    void checkOpen() {
        if (isClosed()) {
            throw new IllegalStateException(this + " is closed");
        }
    }

    /**
     * Closes it: no operation can begin. Its descriptor is closed at once if no operation is in
     * flight, else when the last one has ended. A second call does nothing.
     *
     * @throws IOException if the file system only now reports that an earlier write failed; it is
     *     closed all the same. Where operations were in flight nobody is told: {@link Ring#fsync}
     *     tells for certain
     */
    @Override
    public void close() throws IOException {
        int now;
        do {
            now = uses;
            // ORD volatile: no operation begins after this, and those that did are counted; pairs
            // with begin() and end().
        } while (now >= 0 && !USES.compareAndSet(this, now, now | CLOSED));
        int result = closeIfUnused();
        if (result < 0 && result != -EINTR()) {
            throw new FileSystemException(
                    path.toString(), null, "close failed: " + Errno.describe(-result));
        }
    }

    /**
     * Closes the descriptor if it is to be closed and nothing uses it. {@return 0 or a negated
     * error number}
     */
    int closeIfUnused() {
        // ORD volatile: one thread closes it; pairs with itself.
        if (uses != CLOSED || !TAKEN.compareAndSet(this, false, true)) {
            return 0;
        }
        try {
            return calls.close(fd);
        } catch (Throwable notCalled) {
            taken = false;
            throw notCalled;
        }
    }

    @Override
    public String toString() {
        return "file " + path;
    }
}
