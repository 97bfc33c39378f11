// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Shared libraries, with the system's own words: the JDK's lookups say only that a library cannot
 * be opened. Thread-safe.
 */
public final class SharedLibraries {
    private static final int RTLD_LAZY = 1;

    private SharedLibraries() {}

    /**
     * Loads a library, which then stays.
     *
     * @param library a name or a path, as {@code dlopen} takes it
     * @return why it cannot be loaded; empty if it is
     */
    public static Optional<String> whyNot(String library) {
        if (library.isEmpty()) {
            return Optional.of("no name"); // which would be the program itself
        }
        MethodHandle open = link(
                "dlopen",
                FunctionDescriptor.of(
                        ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        MethodHandle error = link("dlerror", FunctionDescriptor.of(ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle =
                    (MemorySegment) open.invokeExact(arena.allocateFrom(library), RTLD_LAZY);
            if (handle.address() != 0) {
                return Optional.empty();
            }
            MemorySegment text = (MemorySegment) error.invokeExact();
            return Optional.of(text.address() == 0 ? "no reason given" : string(text));
        } catch (Throwable impossible) { // a method handle's
            throw new AssertionError(impossible);
        }
    }

    @SuppressWarnings("restricted")
    private static String string(MemorySegment text) {
        return text.reinterpret(Long.MAX_VALUE).getString(0);
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(String function, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(function), type);
    }
}
