// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

/**
 * An argument of a kernel that is neither an access nor a value, see {@link OpenClKernel#launch}.
 * Immutable, hence thread-safe.
 */
public final class KernelArgument {
    enum Kind {
        LOCAL,
        OBJECT,
        POINTER,
        SAMPLER
    }

    private final Kind kind;
    private final long number; // bytes, a handle or an address

    private KernelArgument(Kind kind, long number) {
        this.kind = kind;
        this.number = number;
    }

    /**
     * {@return local memory, which each group has of its own}
     *
     * @param bytes how much, at least 1
     * @throws IllegalArgumentException if it is less
     */
    public static KernelArgument local(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("local memory has at least 1 byte, not " + bytes);
        }
        return new KernelArgument(Kind.LOCAL, bytes);
    }

    /**
     * {@return an object of the program's own: a buffer, an image or a sampler}
     *
     * @param handle address of a {@code cl_mem} or {@code cl_sampler} of the kernel's context
     * @throws IllegalArgumentException if it is 0: never made, or released already
     */
    public static KernelArgument object(long handle) {
        return of(Kind.OBJECT, handle, "memory object or sampler");
    }

    /**
     * {@return a sampler of the program's own, as {@link #object} does; where the kernel takes none
     * it is refused, as far as the driver tells, and some drivers end the process for it}
     *
     * @param handle address of a {@code cl_sampler} of the kernel's context
     * @throws IllegalArgumentException if it is 0: never made, or released already
     */
    public static KernelArgument sampler(long handle) {
        return of(Kind.SAMPLER, handle, "sampler");
    }

    private static KernelArgument of(Kind kind, long handle, String what) {
        if (handle == 0) {
            throw new IllegalArgumentException(
                    "the " + what + " is NULL: never made, or released already");
        }
        return new KernelArgument(kind, handle);
    }

    /**
     * {@return a pointer to shared virtual memory of the program's own}
     *
     * @param address in memory of {@code clSVMAlloc} of the kernel's context; 0 for a kernel that
     *     looks whether its pointer is NULL
     */
    public static KernelArgument pointer(long address) {
        return new KernelArgument(Kind.POINTER, address);
    }

    Kind kind() {
        return kind;
    }

    long number() {
        return number;
    }

    /** {@return such as {@code 256 bytes of local memory}} */
    @Override
    public String toString() {
        return switch (kind) {
            case LOCAL -> number + " bytes of local memory";
            case OBJECT -> "the memory object or sampler 0x" + Long.toHexString(number);
            case SAMPLER -> "the sampler 0x" + Long.toHexString(number);
            case POINTER -> "the pointer 0x" + Long.toHexString(number);
        };
    }
}
