// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static io.highpage.bindings.linux.linux_h.EAGAIN;
import static io.highpage.bindings.linux.linux_h.EINTR;
import static io.highpage.bindings.linux.linux_h.RLIMIT_MEMLOCK;

import io.highpage.bindings.linux.linux_h;
import io.highpage.bindings.linux.rlimit;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The system calls of the runtime, each checked. jextract's handles cannot capture {@code errno},
 * so these are linked from its descriptors and addresses: those that every program makes once,
 * others at each call, which saves every start a millisecond or two for each.
 */
public final class Linux {
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle MMAP =
            link(linux_h.mmap$address(), linux_h.mmap$descriptor());
    private static final MethodHandle MUNMAP =
            link(linux_h.munmap$address(), linux_h.munmap$descriptor());
    private static final MethodHandle MADVISE =
            link(linux_h.madvise$address(), linux_h.madvise$descriptor());
    private static final MethodHandle MLOCK2 =
            link(linux_h.mlock2$address(), linux_h.mlock2$descriptor());
    private static final MethodHandle MUNLOCK =
            link(linux_h.munlock$address(), linux_h.munlock$descriptor());

    private static final long BASE_PAGE_BYTES = linux_h.getpagesize();
    private static final long MAP_FAILED = -1;
    static final int TRIES_MAX = 100;

    private Linux() {}

    /** A system call failed. */
    static final class CallFailed extends Exception {
        private static final long serialVersionUID = 1;

        private final int errno;

        CallFailed(String call, int errno) {
            super(
                    call + " failed: errno " + errno + " (" + describe(errno) + ")",
                    null,
                    false,
                    false);
            this.errno = errno;
        }

        int errno() {
            return errno;
        }

        private static String describe(int errno) {
            return linux_h.strerror(errno).getString(0);
        }
    }

    @SuppressWarnings("restricted")
    static MethodHandle link(
            MemorySegment address, FunctionDescriptor type, Linker.Option... variadic) {
        Linker.Option[] options = Arrays.copyOf(variadic, variadic.length + 1);
        options[variadic.length] = Linker.Option.captureCallState("errno");
        return Linker.nativeLinker().downcallHandle(address, type, options);
    }

    /** {@return the size of the system's base page in bytes} */
    public static long basePageBytes() {
        return BASE_PAGE_BYTES;
    }

    /** {@return the memory of the machine in bytes} */
    public static long physicalBytes() {
        return linux_h.sysconf(linux_h._SC_PHYS_PAGES()) * BASE_PAGE_BYTES;
    }

    @FunctionalInterface
    interface Call {
        long make(MemorySegment capture) throws Throwable;
    }

    /**
     * Makes a call, again when it was only interrupted or the kernel says that another try may
     * succeed. Not for ever: with a memlock limit {@code EAGAIN} is a final answer of {@code mmap}
     * and {@code mlock}.
     *
     * @return what it returned, which is not -1
     */
    static long checked(String name, Call call) throws CallFailed {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = arena.allocate(CAPTURE);
            for (int tries = 1; ; tries++) {
                long result = call.make(capture);
                if (result != -1) {
                    return result;
                }
                int errno = (int) ERRNO.get(capture, 0L);
                boolean again = errno == EINTR() || errno == EAGAIN() && tries < TRIES_MAX;
                if (!again) {
                    throw new CallFailed(name, errno);
                }
            }
        } catch (CallFailed failed) {
            throw failed;
        } catch (Throwable failure) {
            throw NativeLibrary.unchecked(failure);
        }
    }

    @SuppressWarnings("restricted")
    static MemorySegment mmap(long byteSize, int protection, int flags, int fd) throws CallFailed {
        long address = checked(
                "mmap(" + byteSize + " bytes)",
                capture -> ((MemorySegment) MMAP.invokeExact(
                                capture, MemorySegment.NULL, byteSize, protection, flags, fd, 0L))
                        .address());
        assert address != MAP_FAILED;
        return MemorySegment.ofAddress(address).reinterpret(byteSize);
    }

    static void munmap(MemorySegment memory) throws CallFailed {
        checked("munmap(" + memory.byteSize() + " bytes)", capture ->
                (int) MUNMAP.invokeExact(capture, memory, memory.byteSize()));
    }

    static void madvise(MemorySegment memory, int advice) throws CallFailed {
        checked("madvise(" + memory.byteSize() + " bytes, advice " + advice + ")", capture ->
                (int) MADVISE.invokeExact(capture, memory, memory.byteSize(), advice));
    }

    static void mlock(MemorySegment memory) throws CallFailed {
        checked("mlock2(" + memory.byteSize() + " bytes)", capture ->
                (int) MLOCK2.invokeExact(capture, memory, memory.byteSize(), 0));
    }

    static void munlock(MemorySegment memory) throws CallFailed {
        checked("munlock(" + memory.byteSize() + " bytes)", capture ->
                (int) MUNLOCK.invokeExact(capture, memory, memory.byteSize()));
    }

    static int memfd(String name) throws CallFailed {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            MethodHandle call =
                    link(linux_h.memfd_create$address(), linux_h.memfd_create$descriptor());
            return (int) checked("memfd_create", capture ->
                    (int) call.invokeExact(capture, text, linux_h.MFD_CLOEXEC()));
        }
    }

    static void close(int fd) {
        int ignored = linux_h.close(fd); // nothing was written through it
    }

    /** A resource limit, {@link Memlock#UNLIMITED} if there is none. */
    record Limit(long soft, long hard) {}

    /** {@return the limit of page-locked memory in bytes} */
    static Limit memlockLimit() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = rlimit.allocate(arena);
            MethodHandle call = link(linux_h.getrlimit$address(), linux_h.getrlimit$descriptor());
            checked("getrlimit", capture ->
                    (int) call.invokeExact(capture, RLIMIT_MEMLOCK(), limit));
            return new Limit(
                    orUnlimited(rlimit.rlim_cur(limit)), orUnlimited(rlimit.rlim_max(limit)));
        } catch (CallFailed failed) {
            throw new IllegalStateException(failed.getMessage(), failed);
        }
    }

    /** Above the largest signed number there is only "no limit". */
    private static long orUnlimited(long unsigned) {
        return unsigned < 0 ? Memlock.UNLIMITED : unsigned;
    }
}
