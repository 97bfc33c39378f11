// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;

/**
 * What a kernel says about one of its parameters.
 *
 * @param name its name, or empty if the driver does not tell
 * @param type its type as written in the source, or empty if the driver does not tell
 * @param buffer whether it points to device memory, or empty if the driver does not tell
 */
public record KernelParameter(String name, String type, Optional<Boolean> buffer) {

    static List<KernelParameter> of(cl_kernel kernel) {
        int[] count = new int[1];
        CL.clGetKernelInfo(kernel, CL.CL_KERNEL_NUM_ARGS, Sizeof.cl_uint, Pointer.to(count), null);
        List<KernelParameter> parameters = new ArrayList<>();
        for (int i = 0; i < count[0]; i++) {
            parameters.add(one(kernel, i));
        }
        return parameters;
    }

    /** {@return such as {@code float scale}} */
    @Override
    public String toString() {
        return type.isEmpty() ? "of unknown type" : "'" + type + " " + name + "'";
    }

    private static KernelParameter one(cl_kernel kernel, int index) {
        try {
            int[] qualifier = new int[1];
            CL.clGetKernelArgInfo(
                    kernel, index, CL.CL_KERNEL_ARG_ADDRESS_QUALIFIER, Sizeof.cl_uint, Pointer.to(qualifier), null);
            boolean buffer = qualifier[0] == CL.CL_KERNEL_ARG_ADDRESS_GLOBAL
                    || qualifier[0] == CL.CL_KERNEL_ARG_ADDRESS_CONSTANT;
            return new KernelParameter(
                    text(kernel, index, CL.CL_KERNEL_ARG_NAME),
                    text(kernel, index, CL.CL_KERNEL_ARG_TYPE_NAME),
                    Optional.of(buffer));
        } catch (CLException | UnsupportedOperationException notTold) {
            return new KernelParameter("", "", Optional.empty());
        }
    }

    private static String text(cl_kernel kernel, int index, int what) {
        long[] size = new long[1];
        CL.clGetKernelArgInfo(kernel, index, what, 0, null, size);
        byte[] text = new byte[(int) size[0]];
        CL.clGetKernelArgInfo(kernel, index, what, text.length, Pointer.to(text), null);
        return OpenClProgram.text(text);
    }
}
