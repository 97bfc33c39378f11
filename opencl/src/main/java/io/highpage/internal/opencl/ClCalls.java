// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_SUCCESS;

import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * How {@link Cl} makes its calls. Every call passes {@link #code}, where tests let it fail; every
 * failure becomes an exception in {@link #failure} that names the call, the code and the arguments
 * that matter. Thread-safe.
 */
abstract sealed class ClCalls permits Cl {
    private static final int HANDLES_MAX = 1 << 16;
    private static final long ANSWER_MAX = 1 << 20;

    private final ClFaults faults;

    ClCalls(ClFaults faults) {
        this.faults = faults;
    }

    /** A call that lists handles: {@code (entries, ids, count)}. */
    interface Lister {
        int call(int entries, MemorySegment ids, MemorySegment count);
    }

    /** A call that asks for a value: {@code (size, value, needed)}. */
    interface Query {
        int call(long size, MemorySegment value, MemorySegment needed);
    }

    List<MemorySegment> list(String call, int none, Lister lister, Supplier<String> arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
            int code = code(call, () -> lister.call(0, MemorySegment.NULL, count));
            if (code == none || code == CL_SUCCESS() && count.get(ValueLayout.JAVA_INT, 0) == 0) {
                return List.of();
            }
            require(call, code, arguments);
            int entries = count.get(ValueLayout.JAVA_INT, 0);
            if (entries < 0 || entries > HANDLES_MAX) {
                throw nonsense(
                        call, Integer.toUnsignedString(entries) + " objects", arguments.get());
            }
            MemorySegment ids = arena.allocate(ValueLayout.ADDRESS, entries);
            check(call, () -> lister.call(entries, ids, count), arguments);
            List<MemorySegment> handles = handles(ids.toArray(ValueLayout.JAVA_LONG));
            if (handles.contains(MemorySegment.NULL)) {
                throw nonsense(call, "an object that is NULL", arguments.get());
            }
            return handles;
        }
    }

    byte[] info(String call, int parameter, Query query) {
        Supplier<String> arguments = () -> paramName(parameter);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment needed = arena.allocate(ValueLayout.JAVA_LONG);
            check(call, () -> query.call(0, MemorySegment.NULL, needed), arguments);
            long bytes = needed.get(ValueLayout.JAVA_LONG, 0);
            if (bytes < 0 || bytes > ANSWER_MAX) {
                throw nonsense(call, Long.toUnsignedString(bytes) + " bytes", arguments.get());
            }
            MemorySegment value = arena.allocate(Math.max(bytes, 1));
            check(call, () -> query.call(bytes, value, MemorySegment.NULL), arguments);
            return value.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Asks for a value of 4 or 8 bytes, in one call: every launch asks for several. */
    long number(String call, int parameter, Query query) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment needed = arena.allocate(ValueLayout.JAVA_LONG);
            check(call, () -> query.call(Long.BYTES, value, needed), () -> paramName(parameter));
            long bytes = needed.get(ValueLayout.JAVA_LONG, 0);
            if (bytes == Integer.BYTES) {
                return Integer.toUnsignedLong(value.get(ValueLayout.JAVA_INT, 0));
            }
            if (bytes != Long.BYTES) {
                throw nonsense(call, Long.toUnsignedString(bytes) + " bytes", paramName(parameter));
            }
            return value.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /** Asks an object for another that it belongs to. */
    MemorySegment owner(String call, int parameter, Query query) {
        return MemorySegment.ofAddress(number(call, parameter, query));
    }

    /** A driver that answers, but not what can be. */
    private static DeviceException nonsense(String call, String answer, String arguments) {
        return new DeviceException(call + " answers with " + answer + arguments, null);
    }

    static String paramName(int parameter) {
        return ": param_name=0x" + Integer.toHexString(parameter);
    }

    MemorySegment create(String call, Function<MemorySegment, MemorySegment> maker) {
        return create(call, maker, code -> failure(call, code, ""));
    }

    MemorySegment create(
            String call,
            Function<MemorySegment, MemorySegment> maker,
            IntFunction<RuntimeException> failure) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment error = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment[] made = {MemorySegment.NULL};
            int code = code(call, () -> {
                made[0] = maker.apply(error);
                return error.get(ValueLayout.JAVA_INT, 0);
            });
            if (code != CL_SUCCESS()) {
                throw failure.apply(code);
            }
            return handle(made[0]);
        }
    }

    void check(String call, IntSupplier body, Supplier<String> arguments) {
        require(call, code(call, body), arguments);
    }

    static void require(String call, int code, Supplier<String> arguments) {
        if (code != CL_SUCCESS()) {
            throw failure(call, code, arguments.get());
        }
    }

    /**
     * Gives something back. An {@link Error} comes before the driver is called; an exception means
     * that it is given back.
     */
    void release(String call, IntSupplier body) {
        int fault = faults.codeOfRelease(call);
        int code = guarded(call, body);
        int failed = fault != CL_SUCCESS() ? fault : code;
        if (failed == CL_SUCCESS()) {
            return;
        }
        DeviceException failure;
        try {
            failure = failure(call, failed, "");
        } catch (Error noRoom) {
            // There is no memory or stack to tell it; what counts is that it is not given back
            // again.
            return;
        }
        throw failure;
    }

    /**
     * Gives something back where nobody can ask for it again: an {@link Error} is not given in to
     * at once.
     */
    static void insist(Runnable release) {
        try {
            release.run();
        } catch (Error early) {
            release.run();
        }
    }

    /** Makes a call, unless it is to fail. */
    int code(String call, IntSupplier body) {
        int fault = faults.code(call);
        return fault != CL_SUCCESS() ? fault : guarded(call, body);
    }

    /**
     * Loads calls while there is memory: a class that could not be initialized for want of it never
     * will be. What the installed loader does not have is left to who calls it.
     */
    static void load(List<Supplier<MemorySegment>> calls) {
        for (Supplier<MemorySegment> call : calls) {
            try {
                call.get();
            } catch (ExceptionInInitializerError | NoClassDefFoundError absent) {
                // told when it is called
            }
        }
    }

    /**
     * {@return what a call is to fail with, or 0 to make it} For calls that are made when there may
     * be no memory for a lambda; a loader that lacks them has failed before.
     */
    int fault(String call) {
        return faults.code(call);
    }

    private static int guarded(String call, IntSupplier body) {
        try {
            return body.getAsInt();
        } catch (ExceptionInInitializerError | NoClassDefFoundError missing) {
            throw new DeviceException(
                    String.valueOf(missing.getCause()).contains("NoSuchElement")
                            ? "the installed OpenCL loader is too old: it has no " + call
                            : call + " cannot be called: the heap or the stack was full when the"
                                    + " program was about to call it first, and Java does not try"
                                    + " again; start it anew, with more of it",
                    missing);
        }
    }

    /** {@return what a result code becomes} */
    static DeviceException failure(String call, int code, String arguments) {
        String text = failed(call, code, arguments);
        return ClCodes.saysGone(code)
                ? new DeviceLostException(text, null)
                : new DeviceException(text, null);
    }

    /** {@return the same of a call on a context and queue that are held, see ClCodes.isLoss} */
    static DeviceException failureOfHeld(
            String call, int code, String arguments, @Nullable Throwable cause) {
        String text = failed(call, code, arguments);
        return ClCodes.isLoss(code)
                ? new DeviceLostException(text, cause)
                : new DeviceException(text, cause);
    }

    /** {@return that a call failed, and how} */
    static String failed(String call, int code, String arguments) {
        return call + " failed with " + ClCodes.describe(code) + arguments;
    }

    /**
     * {@return for how long a driver that does not tell whether a copy has ended is asked again}
     */
    Duration patience() {
        return faults.patience();
    }

    /**
     * The bindings give a pointer the size of the address space; a handle has no bytes to touch.
     */
    static MemorySegment handle(MemorySegment pointer) {
        return MemorySegment.ofAddress(pointer.address());
    }

    static List<MemorySegment> handles(byte[] addresses) {
        return handles(MemorySegment.ofArray(addresses).toArray(ValueLayout.JAVA_LONG_UNALIGNED));
    }

    private static List<MemorySegment> handles(long[] addresses) {
        List<MemorySegment> handles = new ArrayList<>(addresses.length);
        for (long address : addresses) {
            handles.add(MemorySegment.ofAddress(address));
        }
        return handles;
    }

    /**
     * What could move a terminal's cursor, or turn the direction of a line, is shown as a question
     * mark.
     */
    static String text(byte[] value) {
        return new String(value, StandardCharsets.UTF_8)
                .replace("\0", "")
                .replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?")
                .strip();
    }
}
