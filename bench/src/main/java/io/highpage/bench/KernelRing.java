// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.highpage.bindings.linux.io_uring_params;
import io.highpage.bindings.linux.iovec;
import io.highpage.bindings.linux.linux_h;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * The kernel's own long-term pin: an io_uring that registers memory as a fixed buffer and gives it
 * back. Confined to one thread.
 */
final class KernelRing implements AutoCloseable {
    // include/uapi/linux/io_uring.h
    private static final long REGISTER_BUFFERS = 0;
    private static final long UNREGISTER_BUFFERS = 1;

    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = link();

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment capture = arena.allocate(CAPTURE);
    private final MemorySegment vector = iovec.allocate(arena);
    private final long fd;

    KernelRing() {
        try {
            fd = call(
                    "io_uring_setup",
                    linux_h.SYS_io_uring_setup(),
                    1,
                    0,
                    io_uring_params.allocate(arena),
                    0);
        } catch (IllegalStateException failure) {
            arena.close();
            throw failure;
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(
                        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG),
                Linker.Option.firstVariadicArg(1),
                Linker.Option.captureCallState("errno"));
    }

    /** {@return why the kernel cannot pin memory here, if it cannot} */
    static Optional<String> missing() {
        try (KernelRing ring = new KernelRing();
                Arena memory = Arena.ofConfined()) {
            ring.register(memory.allocate(linux_h.getpagesize(), linux_h.getpagesize()));
            ring.unregister();
            return Optional.empty();
        } catch (IllegalStateException failure) {
            return Optional.of(failure.getMessage()
                    + "; it needs Linux 5.1 or newer, kernel.io_uring_disabled=0, no seccomp"
                    + " filter against it"
                    + " (containers have one), and a memlock limit");
        }
    }

    void register(MemorySegment memory) {
        iovec.iov_base(vector, memory);
        iovec.iov_len(vector, memory.byteSize());
        call(
                "IORING_REGISTER_BUFFERS",
                linux_h.SYS_io_uring_register(),
                fd,
                REGISTER_BUFFERS,
                vector,
                1);
    }

    void unregister() {
        call(
                "IORING_UNREGISTER_BUFFERS",
                linux_h.SYS_io_uring_register(),
                fd,
                UNREGISTER_BUFFERS,
                MemorySegment.NULL,
                0);
    }

    /** {@code io_uring_setup} has its structure second, {@code io_uring_register} third. */
    private long call(
            String name, long number, long first, long second, MemorySegment pointer, long last) {
        long result;
        try {
            result = number == linux_h.SYS_io_uring_setup()
                    ? (long) SYSCALL.invokeExact(
                            capture, number, first, pointer.address(), MemorySegment.NULL, 0L)
                    : (long) SYSCALL.invokeExact(capture, number, first, second, pointer, last);
        } catch (Throwable failure) {
            throw new AssertionError(name, failure);
        }
        if (result < 0) {
            int errno = (int) ERRNO.get(capture, 0L);
            throw new IllegalStateException(name + " failed: errno " + errno + " ("
                    + linux_h.strerror(errno).getString(0) + ")");
        }
        return result;
    }

    @Override
    public void close() {
        int ignored = linux_h.close((int) fd); // nothing was written through it
        arena.close();
    }
}
