// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.highpage.internal.os.LinuxMemory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Plain memory: libc's copy, and segments without a scope. */
final class Memory {
    private static final MethodHandle MEMCPY =
            link("memcpy", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));

    /** As in {@code linux/prctl.h}. */
    private static final int PR_SET_THP_DISABLE = 41;

    private Memory() {}

    @SuppressWarnings("restricted")
    private static MethodHandle link(
            String name, FunctionDescriptor function, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), function, options);
    }

    /**
     * Has the kernel give this process base pages only from now on, whatever is asked for; a kernel
     * without huge pages does so anyway.
     */
    static void useBasePages() {
        MethodHandle prctl = link(
                "prctl",
                FunctionDescriptor.of(
                        JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
        try {
            int ignored = (int) prctl.invokeExact(PR_SET_THP_DISABLE, 1L, 0L, 0L, 0L);
        } catch (Throwable failure) {
            throw new AssertionError("prctl", failure);
        }
    }

    /** libc's memcpy of all of the source: one plain downcall. */
    static MemorySegment memcpy(MemorySegment target, MemorySegment source) {
        try {
            return (MemorySegment) MEMCPY.invokeExact(target, source, source.byteSize());
        } catch (Throwable failure) {
            throw new AssertionError("memcpy", failure);
        }
    }

    /** {@return zeroed memory from where page tables get theirs} */
    @SuppressWarnings("restricted")
    static MemorySegment likeATable(long byteSize, Arena arena) {
        return LinuxMemory.INSTANCE.map(byteSize).reinterpret(arena, LinuxMemory.INSTANCE::unmap);
    }

    /**
     * {@return the same memory as a segment that nothing closes; the caller knows how long it is
     * there}
     */
    @SuppressWarnings("restricted")
    static MemorySegment unscoped(MemorySegment memory) {
        return MemorySegment.ofAddress(memory.address()).reinterpret(memory.byteSize());
    }
}
