// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** Has a native call use a segment for as long as is wanted: it calls back into Java meanwhile. */
final class NativeCall {
    private NativeCall() {}

    /** Runs something inside a native call that was given a segment of two bytes or more. */
    @SuppressWarnings("restricted")
    static void during(MemorySegment segment, Runnable inside) {
        Linker linker = Linker.nativeLinker();
        MethodHandle sort = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("qsort"),
                FunctionDescriptor.ofVoid(
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle compare = MethodHandles.lookup()
                    .findStatic(
                            NativeCall.class,
                            "compare",
                            MethodType.methodType(
                                    int.class,
                                    Runnable.class,
                                    MemorySegment.class,
                                    MemorySegment.class));
            MemorySegment callback = linker.upcallStub(
                    compare.bindTo(inside),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS),
                    arena);
            sort.invokeExact(segment, 2L, 1L, callback);
        } catch (Throwable failed) {
            throw new AssertionError(failed);
        }
    }

    @SuppressWarnings("unused") // called by qsort
    private static int compare(Runnable inside, MemorySegment one, MemorySegment other) {
        inside.run();
        return 0;
    }
}
