// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static java.lang.invoke.MethodHandles.catchException;
import static java.lang.invoke.MethodHandles.constant;
import static java.lang.invoke.MethodHandles.dropArguments;
import static java.lang.invoke.MethodHandles.empty;
import static java.lang.invoke.MethodHandles.filterArguments;
import static java.lang.invoke.MethodHandles.guardWithTest;
import static java.lang.invoke.MethodHandles.insertArguments;
import static java.lang.invoke.MethodType.methodType;

import io.highpage.bindings.opencl.clCreateContext$pfn_notify;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What drivers say of their contexts in words: often all there is to learn of a fault. A driver
 * calls from any thread, also from inside a call of ours, and, where it has a bug, when the context
 * is gone. So the function that it calls is there for the life of the process; it is put together
 * from methods of the JDK alone, and keeps no class loader alive but the JDK's; it throws nothing;
 * and it knows a context by a number only. Thread-safe.
 */
final class ClNotices {
    private static final long TEXT_MAX = 1024;
    private static final AtomicLong NEXT = new AtomicLong(1);
    private static final Map<Long, String> TEXTS = new ConcurrentHashMap<>();

    private ClNotices() {}

    /** Made at the first context. */
    private static final class Function {
        static final MemorySegment POINTER = pointer();
    }

    /** {@return a number for a context that will be made} */
    static long begin() {
        // ORD volatile: each gets a number of its own; pairs with itself.
        long id = NEXT.getAndIncrement();
        TEXTS.put(id, "");
        return id;
    }

    /** {@return the function to give the driver, NULL if there is none} */
    static MemorySegment function() {
        return Function.POINTER;
    }

    /** {@return what the driver said last since this was asked, empty if nothing} */
    static String take(long id) {
        String text = TEXTS.replace(id, "");
        return text == null ? "" : text.strip();
    }

    /** Forgets a context. What the driver says of it later is not heard. */
    static void end(long id) {
        TEXTS.remove(id);
    }

    /**
     * In Java: {@code (text, info, size, id) -> if (text != NULL) TEXTS.replace(id,
     * text.getString(0))}.
     */
    @SuppressWarnings("restricted")
    private static MemorySegment pointer() {
        try {
            Lookup lookup = MethodHandles.publicLookup();
            MethodHandle address =
                    lookup.findVirtual(MemorySegment.class, "address", methodType(long.class));
            MethodHandle string = insertArguments(
                    lookup.findVirtual(
                            MemorySegment.class, "getString", methodType(String.class, long.class)),
                    1,
                    0L);
            MethodHandle readable = catchException(
                    string,
                    Throwable.class,
                    dropArguments(constant(String.class, ""), 0, Throwable.class));
            MethodHandle number = address.asType(methodType(Object.class, MemorySegment.class));
            MethodHandle replace = lookup.findVirtual(
                            Map.class,
                            "replace",
                            methodType(Object.class, Object.class, Object.class))
                    .bindTo(TEXTS);
            MethodHandle note = filterArguments(
                            replace,
                            0,
                            number,
                            readable.asType(methodType(Object.class, MemorySegment.class)))
                    .asType(methodType(void.class, MemorySegment.class, MemorySegment.class));
            MethodHandle isNull = filterArguments(
                    lookup.findVirtual(
                                    Long.class, "equals", methodType(boolean.class, Object.class))
                            .bindTo(0L),
                    0,
                    number);
            MethodHandle noteText = guardWithTest(
                    dropArguments(isNull, 0, MemorySegment.class), empty(note.type()), note);
            MethodHandle quiet = catchException(
                    noteText,
                    Throwable.class,
                    empty(note.type().insertParameterTypes(0, Throwable.class)));
            MethodHandle function = MethodHandles.permuteArguments(
                    quiet,
                    methodType(
                            void.class,
                            MemorySegment.class,
                            MemorySegment.class,
                            long.class,
                            MemorySegment.class),
                    3,
                    0);
            return Linker.nativeLinker().upcallStub(function, descriptor(), Arena.global());
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        } catch (RuntimeException denied) {
            return MemorySegment.NULL; // a driver without words is as good
        }
    }

    @SuppressWarnings("restricted")
    private static FunctionDescriptor descriptor() {
        FunctionDescriptor plain = clCreateContext$pfn_notify.descriptor();
        AddressLayout text = ValueLayout.ADDRESS.withTargetLayout(
                MemoryLayout.sequenceLayout(TEXT_MAX, ValueLayout.JAVA_BYTE));
        return FunctionDescriptor.ofVoid(
                text,
                plain.argumentLayouts().get(1),
                plain.argumentLayouts().get(2),
                plain.argumentLayouts().get(3));
    }
}
