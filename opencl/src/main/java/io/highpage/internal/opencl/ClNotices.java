// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.highpage.internal.os.NativeLibrary;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What drivers say of their contexts in words: often all there is to learn of a fault. A driver
 * calls from any thread, also from inside a call of ours, and, where it has a bug, when the context
 * or the JVM is gone. So it calls a function of the native library, which keeps the last words, and
 * knows a context by a number only. Without that library nothing is heard. Thread-safe.
 */
final class ClNotices {
    static final int TEXT_MAX = 1024;

    /** As those of events: another class loader's are others. */
    private static final AtomicLong NEXT =
            new AtomicLong(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE / 2));

    private ClNotices() {}

    /** Found at the first context. */
    private static final class Told {
        static final MemorySegment FUNCTION = NativeLibrary.lookup()
                .map(library -> library.findOrThrow("hp_context_says"))
                .orElse(MemorySegment.NULL);

        private Told() {}
    }

    /** Linked at the first failure: no start is to wait for it. */
    private static final class Take {
        static final MethodHandle WORDS = NativeLibrary.link(
                NativeLibrary.lookup().orElseThrow(),
                "hp_take_words",
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG));

        private Take() {}
    }

    /** {@return a number for a context that will be made; 0, which is none, where nobody hears} */
    static long begin() {
        if (function().address() == 0) {
            return 0; // drivers refuse a number without a function
        }
        // ORD volatile: each gets a number of its own; pairs with itself.
        return NEXT.getAndIncrement();
    }

    /** {@return the function to give the driver, NULL if there is none} */
    static MemorySegment function() {
        return Told.FUNCTION;
    }

    /** {@return what the driver said last since this was asked, empty if nothing} */
    static String take(long id) {
        if (id == 0) {
            return "";
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(TEXT_MAX);
            long length = (long) Take.WORDS.invokeExact(id, text, text.byteSize());
            byte[] bytes = text.asSlice(0, length).toArray(JAVA_BYTE);
            return new String(bytes, StandardCharsets.UTF_8).strip();
        } catch (Throwable failure) {
            throw NativeLibrary.unchecked(failure);
        }
    }
}
