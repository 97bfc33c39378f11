// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_KERNEL_ARG_TYPE_CONST;

/**
 * What a driver says of a kernel's parameter.
 *
 * @param address its {@code CL_KERNEL_ARG_ADDRESS_QUALIFIER}
 * @param type its type's name, such as {@code uint}
 * @param qualifiers bits of its {@code CL_KERNEL_ARG_TYPE_QUALIFIER}
 * @param name its name
 */
public record ClParameter(int address, String type, long qualifiers, String name) {

    /** {@return whether it points to what the kernel does not write} */
    public boolean isConst() {
        return (qualifiers & CL_KERNEL_ARG_TYPE_CONST()) != 0;
    }

    /** {@return whether it is an image, a sampler or the like; a struct may have any other name} */
    public boolean isObject() {
        return type.matches("image[123]d\\w*_t|sampler_t|queue_t|pipe\\b.*");
    }

    /** {@return such as {@code float scale}} */
    public String text() {
        return '"' + type + " " + name + '"';
    }
}
