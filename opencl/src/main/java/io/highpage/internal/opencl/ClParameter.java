// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_KERNEL_ARG_NAME;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_KERNEL_ARG_TYPE_CONST;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_KERNEL_ARG_TYPE_NAME;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_KERNEL_ARG_TYPE_QUALIFIER;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.regex.Pattern;

/**
 * What a driver says of a kernel's parameter. Asked only for what somebody wants to know, since a
 * program looks at every argument of every launch. For one thread, while the kernel is there.
 */
public final class ClParameter {
    private static final Pattern OBJECT =
            Pattern.compile("image[123]d\\w*_t|sampler_t|queue_t|pipe\\b.*");

    private final Cl cl;
    private final MemorySegment kernel;
    private final int index;
    private final int address;
    private @Nullable String type; // once it was asked for

    ClParameter(Cl cl, MemorySegment kernel, int index, int address) {
        this.cl = cl;
        this.kernel = kernel;
        this.index = index;
        this.address = address;
    }

    /** {@return its {@code CL_KERNEL_ARG_ADDRESS_QUALIFIER}} */
    public int address() {
        return address;
    }

    /** {@return its type's name, such as {@code uint}} */
    public String type() {
        String known = type;
        if (known == null) {
            known = text(CL_KERNEL_ARG_TYPE_NAME());
            type = known;
        }
        return known;
    }

    /** {@return whether it points to what the kernel does not write} */
    public boolean isConst() {
        long bits = cl.argumentNumber(kernel, index, CL_KERNEL_ARG_TYPE_QUALIFIER());
        return (bits & CL_KERNEL_ARG_TYPE_CONST()) != 0;
    }

    /** {@return whether it is an image, a sampler or the like; a struct may have any other name} */
    public boolean isObject() {
        return OBJECT.matcher(type()).matches();
    }

    /** {@return such as {@code float scale}} */
    public String text() {
        return '"' + type() + " " + text(CL_KERNEL_ARG_NAME()) + '"';
    }

    private String text(int parameter) {
        return ClCalls.text(cl.argumentInfo(kernel, index, parameter));
    }
}
