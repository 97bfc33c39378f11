// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static io.highpage.bindings.linux.linux_h.AT_FDCWD;
import static io.highpage.bindings.linux.linux_h.AT_SYMLINK_FOLLOW;
import static io.highpage.bindings.linux.linux_h.C_INT;
import static io.highpage.bindings.linux.linux_h.EACCES;
import static io.highpage.bindings.linux.linux_h.ENOENT;
import static io.highpage.bindings.linux.linux_h.O_CLOEXEC;
import static io.highpage.bindings.linux.linux_h.O_CREAT;
import static io.highpage.bindings.linux.linux_h.O_EXCL;
import static io.highpage.bindings.linux.linux_h.O_RDWR;

import io.highpage.bindings.linux.linux_h;
import io.highpage.internal.os.Linux.CallFailed;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A new file in a folder that others may write to. Until it is given its name it has none, so
 * whatever ends the process, by a signal or {@code kill -9}, leaves nothing behind. Only on a file
 * system that has no files without names, as network ones, it has its name from the start. Either
 * way {@link #path()} opens this file and no other. Confined to one thread.
 */
public final class NewFile implements AutoCloseable {
    private static final MethodHandle OPEN = Linux.link(
            linux_h.open.address(),
            linux_h.open.makeInvoker(C_INT).descriptor(),
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle LINKAT =
            Linux.link(linux_h.linkat$address(), linux_h.linkat$descriptor());

    private static final int O_TMPFILE =
            Processor.here().map(Processor::oTmpfile).orElseGet(linux_h::O_TMPFILE);
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");

    private final int fd;
    private final Path name;
    private boolean named;
    private boolean closed;

    private NewFile(int fd, Path name, boolean named) {
        this.fd = fd;
        this.name = name;
        this.named = named;
    }

    /**
     * Makes a file.
     *
     * @param name its name to be; there is no such file yet
     * @param mode its permissions, less the process's umask
     * @param unnamed whether to make it without a name where that is possible; false is for tests
     * @return the file, empty
     * @throws IOException if it cannot be made
     */
    public static NewFile create(Path name, int mode, boolean unnamed) throws IOException {
        int common = O_RDWR() | O_CLOEXEC();
        if (unnamed && Files.exists(OPEN_FILES)) { // without it no name can be given later
            try {
                Path folder = Objects.requireNonNull(name.toAbsolutePath().getParent());
                return new NewFile(open(folder, common | O_TMPFILE, mode), name, false);
            } catch (CallFailed cannot) {
                // Each file system has its own way to say that it has none; whatever is really
                // wrong comes again.
            }
        }
        try {
            // Which does not follow a link either.
            return new NewFile(open(name, common | O_CREAT() | O_EXCL(), mode), name, true);
        } catch (CallFailed failed) {
            throw failed(name, failed);
        }
    }

    private static int open(Path path, int flags, int mode) throws CallFailed {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = NativePath.of(path, arena);
            return (int) Linux.checked(
                    "open", capture -> (int) OPEN.invokeExact(capture, text, flags, mode));
        }
    }

    /**
     * {@return a path that opens this very file for as long as it is open here, whatever happens to
     * its name}
     */
    public Path path() {
        return OPEN_FILES.resolve(Integer.toString(fd));
    }

    /** {@return whether {@link #path()} can be used: not without {@code /proc}} */
    public boolean isReachable() {
        return Files.exists(path());
    }

    /** {@return the name that it has, or will have} */
    public Path name() {
        return name;
    }

    /** {@return whether it has its name already} */
    public boolean isNamed() {
        return named;
    }

    /**
     * Gives it its name.
     *
     * @throws IOException if it cannot have it
     */
    public void giveName() throws IOException {
        if (named) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = NativePath.of(path(), arena);
            MemorySegment to = NativePath.of(name, arena);
            long ignored = Linux.checked("linkat", capture -> (int) LINKAT.invokeExact(
                    capture, AT_FDCWD(), from, AT_FDCWD(), to, AT_SYMLINK_FOLLOW()));
            named = true;
        } catch (CallFailed failed) {
            throw failed(name, failed);
        }
    }

    private static IOException failed(Path file, CallFailed why) {
        if (why.errno() == ENOENT()) {
            return new NoSuchFileException(file.toString());
        }
        return why.errno() == EACCES()
                ? new AccessDeniedException(file.toString())
                : new FileSystemException(file.toString(), null, Errno.meaning(why.errno()));
    }

    /**
     * Closes it. Without a name it is gone then.
     *
     * @throws IOException if the file system only now says that an earlier write failed
     */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            Linux.close(fd);
        }
    }
}
