// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** System calls that this process may make no more, as in a container. Linux on x86-64. */
public final class Seccomp {
    private static final long PRCTL = 157;
    private static final long PR_SET_NO_NEW_PRIVS = 38;
    private static final long SECCOMP = 317;
    private static final long SECCOMP_SET_MODE_FILTER = 1;
    private static final long ALL_THREADS = 1;

    private static final long LOAD_NUMBER = 0x20;
    private static final long JUMP_IF_EQUAL = 0x15;
    private static final long RETURN = 0x06;
    private static final long ALLOW = 0x7fff0000L << 32;
    private static final long EPERM = (0x50000L | 1) << 32;

    private Seccomp() {}

    /** {@return whether its numbers are those of this machine} */
    public static boolean isSupported() {
        return System.getProperty("os.arch").equals("amd64");
    }

    /**
     * Has the kernel answer some calls with EPERM, for good, in every thread of this process.
     *
     * @param calls their numbers
     */
    public static void forbid(int... calls) {
        long[] filter = new long[calls.length + 3];
        filter[0] = LOAD_NUMBER;
        for (int i = 0; i < calls.length; i++) {
            long toTheEnd = calls.length - i;
            filter[i + 1] = JUMP_IF_EQUAL | toTheEnd << 16 | (long) calls[i] << 32;
        }
        filter[calls.length + 1] = RETURN | ALLOW;
        filter[calls.length + 2] = RETURN | EPERM;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = arena.allocate(16, 8);
            program.set(ValueLayout.JAVA_SHORT, 0, (short) filter.length);
            program.set(ValueLayout.ADDRESS, 8, arena.allocateFrom(ValueLayout.JAVA_LONG, filter));
            call(PRCTL, PR_SET_NO_NEW_PRIVS, 1, MemorySegment.NULL);
            call(SECCOMP, SECCOMP_SET_MODE_FILTER, ALL_THREADS, program);
        }
    }

    @SuppressWarnings("restricted")
    private static void call(long number, long first, long second, MemorySegment third) {
        Linker linker = Linker.nativeLinker();
        MethodHandle syscall = linker.downcallHandle(
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
        long answer;
        try {
            answer = (long) syscall.invokeExact(number, first, second, third, 0L, 0L);
        } catch (Throwable never) {
            throw new AssertionError(never);
        }
        if (answer != 0) {
            throw new IllegalStateException("system call " + number + " answers " + answer);
        }
    }
}
