// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_KERNEL_ARG_ADDRESS_LOCAL;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_KERNEL_ARG_ADDRESS_PRIVATE;

import io.highpage.DeviceAccess;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClParameter;
import io.highpage.outcome.AccessMode;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * What a kernel takes at one place, as far as its driver tells.
 *
 * @param index which, from 0
 * @param told what the driver tells, or null if it tells nothing
 */
record KernelParameter(int index, @Nullable ClParameter told) {
    private static final Map<String, Integer> SCALARS = Map.ofEntries(
            Map.entry("char", 1),
            Map.entry("uchar", 1),
            Map.entry("short", 2),
            Map.entry("ushort", 2),
            Map.entry("half", 2),
            Map.entry("int", 4),
            Map.entry("uint", 4),
            Map.entry("float", 4),
            Map.entry("long", 8),
            Map.entry("ulong", 8),
            Map.entry("double", 8));

    private enum Kind {
        POINTER("a pointer: give it an access, or a cl_mem or SVM pointer of yours"),
        LOCAL("local memory: give it KernelArgument.local(bytes)"),
        OBJECT("no memory of plain bytes: give it an image or a sampler of yours"),
        VALUE("a value: give it a boxed number, or its bytes as a MemorySegment");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    static KernelParameter of(Cl cl, MemorySegment kernel, int index) {
        return new KernelParameter(index, cl.kernelParameter(kernel, index));
    }

    void requireAccess(DeviceAccess access) {
        require(Kind.POINTER, "an access");
        if (told != null
                && access.mode() == AccessMode.WRITE
                && told.isConst()
                && !access.hasWork()) { // else that may have written what is read here
            throw new IllegalArgumentException("argument " + index + " is " + access
                    + ", which promises that every byte is overwritten, but the kernel's "
                    + told.text() + " is const, and no kernel before it was told of: access it"
                    + " with AccessMode.READ");
        }
        if (told != null
                && access.mode() == AccessMode.READ
                && access.isChecked()
                && !told.isConst()) {
            throw new IllegalArgumentException("argument " + index + " is " + access
                    + ", which promises that nothing is written, but the kernel's " + told.text()
                    + " is not const (the runtime is checked): declare it const, or access it with"
                    + " AccessMode.READ_WRITE");
        }
    }

    void requireKind(KernelArgument argument) {
        if (argument.kind() == KernelArgument.Kind.SAMPLER) {
            requireSampler(argument);
            return;
        }
        if (argument.kind() == KernelArgument.Kind.OBJECT && kind() == Kind.OBJECT) {
            return;
        }
        require(
                argument.kind() == KernelArgument.Kind.LOCAL ? Kind.LOCAL : Kind.POINTER,
                argument.toString());
    }

    private void requireSampler(KernelArgument argument) {
        if (told != null && !told.type().equals("sampler_t")) {
            Kind wanted = kind();
            throw wrong(
                    argument.toString(),
                    wanted == null || wanted == Kind.OBJECT
                            ? "it is no sampler"
                            : "it is " + wanted.words);
        }
    }

    void requireBytes(long bytes) {
        require(Kind.VALUE, bytes + " bytes");
        requireSize(bytes, bytes + " bytes");
    }

    void requireScalar(Number number, long bytes) {
        String what = "the " + number.getClass().getSimpleName() + " " + number;
        require(Kind.VALUE, what);
        requireSize(bytes, what);
        if (told == null || !SCALARS.containsKey(told.type()) || told.type().equals("half")) {
            return;
        }
        boolean isFraction = told.type().equals("float") || told.type().equals("double");
        if (isFraction != (number instanceof Float || number instanceof Double)) {
            throw wrong(what, "other bits than that number's would arrive");
        }
    }

    private void requireSize(long bytes, String what) {
        long wanted = told == null ? 0 : sizeOf(told.type());
        if (wanted != 0 && wanted != bytes) {
            throw wrong(what, "it has " + wanted + " bytes, not " + bytes);
        }
    }

    /** {@return the size of a scalar or vector, or 0 of types that are the kernel's own} */
    private static long sizeOf(String type) {
        int alone = SCALARS.getOrDefault(type, 0);
        String scalar = alone != 0 ? type : type.replaceFirst("(2|3|4|8|16)$", "");
        if (scalar.equals(type)) {
            return alone;
        }
        int bytes = SCALARS.getOrDefault(scalar, 0);
        int width = Integer.parseInt(type.substring(scalar.length()));
        return (long) bytes * (width == 3 ? 4 : width); // OpenCL C keeps three in the room of four
    }

    private void require(Kind given, String what) {
        Kind wanted = kind();
        if (wanted != null && wanted != given) {
            throw wrong(what, "it is " + wanted.words);
        }
    }

    private @Nullable Kind kind() {
        if (told == null) {
            return null;
        }
        if (told.isObject()) {
            return Kind.OBJECT;
        }
        if (told.address() == CL_KERNEL_ARG_ADDRESS_LOCAL()) {
            return Kind.LOCAL;
        }
        return told.address() == CL_KERNEL_ARG_ADDRESS_PRIVATE() ? Kind.VALUE : Kind.POINTER;
    }

    private IllegalArgumentException wrong(String what, String why) {
        String takes = told == null ? "" : " for the kernel's " + told.text();
        return new IllegalArgumentException(
                "argument " + index + " is " + what + takes + ": " + why);
    }

    IllegalArgumentException noArgument(@Nullable Object given) {
        String what = given == null ? "null" : "a " + given.getClass().getName() + ", " + given;
        Kind kind = kind();
        return wrong(
                what,
                kind != null
                        ? "it is " + kind.words
                        : "it has to be an open access, a boxed number, the bytes of a struct or"
                                + " vector as a MemorySegment, or a KernelArgument");
    }
}
