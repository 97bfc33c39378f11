// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The example under a filter of system calls that forbids io_uring, as those of containers do. */
final class WithoutIoUring {
    private static final long PRCTL = 157;
    private static final long NO_NEW_PRIVILEGES = 38;
    private static final long SECCOMP = 317;
    private static final long SET_FILTER = 1;

    private WithoutIoUring() {}

    public static void main(String[] arguments) throws Throwable {
        forbid();
        Ingest.main(arguments);
    }

    /** Holds for this thread and those that it makes. */
    @SuppressWarnings("restricted")
    private static void forbid() throws Throwable {
        long[] filter = {
            bpf(0x20, 0, 0, 0), // load the number of the call
            bpf(0x15, 3, 0, 425), // io_uring_setup on x86-64
            bpf(0x15, 2, 0, 426), // io_uring_enter
            bpf(0x15, 1, 0, 427), // io_uring_register
            bpf(0x06, 0, 0, 0x7fff0000), // allow
            bpf(0x06, 0, 0, 0x50000 | 1) // EPERM
        };
        Linker linker = Linker.nativeLinker();
        MethodHandle call = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = arena.allocate(16, 8);
            program.set(ValueLayout.JAVA_SHORT, 0, (short) filter.length);
            program.set(ValueLayout.ADDRESS, 8, arena.allocateFrom(ValueLayout.JAVA_LONG, filter));
            long unprivileged = (long)
                    call.invokeExact(PRCTL, NO_NEW_PRIVILEGES, 1L, MemorySegment.NULL, 0L, 0L);
            long filtered = (long) call.invokeExact(SECCOMP, SET_FILTER, 0L, program, 0L, 0L);
            if (unprivileged != 0 || filtered != 0) {
                throw new AssertionError("the filter was not taken");
            }
        }
    }

    private static long bpf(int code, int jumpTrue, int jumpFalse, int k) {
        return code | (long) jumpTrue << 16 | (long) jumpFalse << 24 | (long) k << 32;
    }
}
