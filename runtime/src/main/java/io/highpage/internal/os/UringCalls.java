// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static io.highpage.bindings.linux.linux_h.C_INT;
import static io.highpage.bindings.linux.linux_h.C_LONG;
import static io.highpage.bindings.linux.linux_h.C_POINTER;
import static io.highpage.bindings.linux.linux_h.MAP_POPULATE;
import static io.highpage.bindings.linux.linux_h.MAP_SHARED;
import static io.highpage.bindings.linux.linux_h.PROT_READ;
import static io.highpage.bindings.linux.linux_h.PROT_WRITE;

import io.highpage.bindings.linux.linux_h;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The system calls of io_uring, and of the files that it reads and writes. As in the kernel, a
 * result below 0 is a negated error number: what an error means and whether to try again is for the
 * ring to know, so nothing is checked here.
 *
 * <p>Thread-safe. Tests extend it to let calls fail.
 */
public class UringCalls {
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    // Entering the kernel is on the path of every operation; an arena for each call would double
    // its cost.
    private static final ThreadLocal<MemorySegment> CAPTURED =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private static final MethodHandle SETUP = linkSyscall(C_INT, C_POINTER);
    private static final MethodHandle ENTER =
            linkSyscall(C_INT, C_INT, C_INT, C_INT, C_POINTER, C_LONG);
    private static final MethodHandle REGISTER = linkSyscall(C_INT, C_INT, C_POINTER, C_INT);
    // Addresses as numbers: an object for one could not be made when memory is short, and the
    // mapping would be lost.
    private static final MethodHandle MMAP = link(
            linux_h.mmap$address(),
            FunctionDescriptor.of(C_LONG, C_LONG, C_LONG, C_INT, C_INT, C_INT, C_LONG));
    private static final MethodHandle MUNMAP =
            link(linux_h.munmap$address(), FunctionDescriptor.of(C_INT, C_LONG, C_LONG));
    private static final MethodHandle CLOSE =
            link(linux_h.close$address(), linux_h.close$descriptor());
    private static final MethodHandle OPEN = link(
            linux_h.open.address(),
            linux_h.open.makeInvoker(C_INT).descriptor(),
            Linker.Option.firstVariadicArg(2));

    /** Makes the calls. */
    public UringCalls() {}

    private static MethodHandle linkSyscall(MemoryLayout... arguments) {
        FunctionDescriptor type = linux_h.syscall.makeInvoker(arguments).descriptor();
        return link(linux_h.syscall.address(), type, Linker.Option.firstVariadicArg(1));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(
            MemorySegment address, FunctionDescriptor type, Linker.Option... variadic) {
        Linker.Option[] options = new Linker.Option[variadic.length + 1];
        options[0] = Linker.Option.captureCallState("errno");
        System.arraycopy(variadic, 0, options, 1, variadic.length);
        return Linker.nativeLinker().downcallHandle(address, type, options);
    }

    private static long orError(long result, MemorySegment captured) {
        return result == -1 ? -(int) ERRNO.get(captured, 0L) : result;
    }

    /**
     * Makes a ring.
     *
     * @param entries operations that can be prepared at once
     * @param params a zeroed {@code io_uring_params} but for its flags; the kernel fills in the
     *     rest
     * @return its descriptor, or a negated error number
     */
    public int setup(int entries, MemorySegment params) {
        MemorySegment captured = CAPTURED.get();
        try {
            return (int) orError(
                    (long) SETUP.invokeExact(
                            captured, (long) linux_h.SYS_io_uring_setup(), entries, params),
                    captured);
        } catch (Throwable failure) {
            throw NativeLibrary.unchecked(failure);
        }
    }

    /**
     * Submits operations, waits for completions, or both.
     *
     * @param fd the ring
     * @param submit number of operations to submit
     * @param complete number of completions to wait for
     * @param flags {@code IORING_ENTER_} flags
     * @param argument an {@code io_uring_getevents_arg} if the flags say so, else {@code NULL}
     * @return number of operations submitted, or a negated error number
     */
    public int enter(int fd, int submit, int complete, int flags, MemorySegment argument) {
        MemorySegment captured = CAPTURED.get();
        try {
            return (int) orError(
                    (long) ENTER.invokeExact(
                            captured,
                            (long) linux_h.SYS_io_uring_enter(),
                            fd,
                            submit,
                            complete,
                            flags,
                            argument,
                            argument.byteSize()),
                    captured);
        } catch (Throwable failure) {
            throw NativeLibrary.unchecked(failure);
        }
    }

    /**
     * Registers something with a ring, or takes it out.
     *
     * @param fd the ring
     * @param operation an {@code IORING_REGISTER_} constant or its opposite
     * @param argument what it needs, or {@code NULL}
     * @param count number of things, or size of the argument, as the operation wants it
     * @return 0 or a count, or a negated error number
     */
    public int register(int fd, int operation, MemorySegment argument, int count) {
        MemorySegment captured = CAPTURED.get();
        try {
            return (int) orError(
                    (long) REGISTER.invokeExact(
                            captured,
                            (long) linux_h.SYS_io_uring_register(),
                            fd,
                            operation,
                            argument,
                            count),
                    captured);
        } catch (Throwable failure) {
            throw NativeLibrary.unchecked(failure);
        }
    }

    /**
     * Maps memory that is shared with a ring.
     *
     * @param fd the ring
     * @param byteSize number of bytes
     * @param offset an {@code IORING_OFF_} constant
     * @return its address, or a negated error number
     */
    public long map(int fd, long byteSize, long offset) {
        MemorySegment captured = CAPTURED.get();
        try {
            long mapped = (long) MMAP.invokeExact(
                    captured,
                    0L,
                    byteSize,
                    PROT_READ() | PROT_WRITE(),
                    MAP_SHARED() | MAP_POPULATE(),
                    fd,
                    offset);
            return orError(mapped, captured);
        } catch (Throwable failure) {
            throw NativeLibrary.unchecked(failure);
        }
    }

    /** {@return what was mapped, as a segment} */
    @SuppressWarnings("restricted")
    public static MemorySegment memory(long address, long byteSize) {
        return MemorySegment.ofAddress(address).reinterpret(byteSize);
    }

    /** Takes a mapping back. {@return 0, or a negated error number} */
    public int unmap(long address, long byteSize) {
        MemorySegment captured = CAPTURED.get();
        try {
            return (int) orError((int) MUNMAP.invokeExact(captured, address, byteSize), captured);
        } catch (Throwable failure) {
            throw NativeLibrary.unchecked(failure);
        }
    }

    /**
     * Opens a file.
     *
     * @param path its path as {@link NativePath} gives it
     * @param flags {@code O_} flags
     * @param mode permissions of a file that is created
     * @return its descriptor, or a negated error number
     */
    public int open(MemorySegment path, int flags, int mode) {
        MemorySegment captured = CAPTURED.get();
        try {
            return (int) orError((int) OPEN.invokeExact(captured, path, flags, mode), captured);
        } catch (Throwable failure) {
            throw NativeLibrary.unchecked(failure);
        }
    }

    /** Closes a descriptor. {@return 0, or a negated error number; it is closed all the same} */
    public int close(int fd) {
        MemorySegment captured = CAPTURED.get();
        try {
            int result = (int) CLOSE.invokeExact(captured, fd);
            return result == 0 ? 0 : (int) orError(result, captured);
        } catch (Throwable failure) {
            throw NativeLibrary.unchecked(failure);
        }
    }
}
