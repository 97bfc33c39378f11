// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.pipe.KernelCall;
import io.highpage.pipe.KernelParameter;
import io.highpage.pipe.KernelProgram;

import java.util.List;
import java.util.OptionalLong;

/** The call of a kernel that makes one output of one input, checked against what it says. */
final class MapCall {
    private static final int POINTERS = 2;

    private MapCall() {}

    /**
     * {@return the call}
     *
     * @param program the kernel, compiled
     * @param kernel what is asked of it
     * @param range what it is to run over
     * @throws RefusedException if it takes other arguments, or the range ends within an element
     */
    static KernelCall of(KernelProgram program, DeviceKernel kernel, FileRange range) {
        List<KernelParameter> parameters = program.parameters();
        if (parameters.size() != POINTERS + kernel.scalars().size()) {
            throw refused(
                    parameters,
                    kernel,
                    "are not " + (POINTERS + kernel.scalars().size()));
        }
        for (int i = 0; i < parameters.size(); i++) {
            check(parameters, i, kernel);
        }
        long elementBytes = elementBytes(parameters, kernel);
        if (range.offset() % elementBytes != 0 || range.byteSize() % elementBytes != 0) {
            throw new RefusedException("range " + range + " begins or ends within an element of"
                    + " kernel '" + kernel.name() + "', which has " + elementBytes + " bytes");
        }
        return new KernelCall(program, kernel.scalars(), elementBytes, OptionalLong.empty());
    }

    private static void check(List<KernelParameter> parameters, int index, DeviceKernel kernel) {
        KernelParameter parameter = parameters.get(index);
        if (index < POINTERS) {
            if (!parameter.buffer().orElse(true)) {
                throw refused(parameters, kernel, "begin with " + parameter);
            }
            return;
        }
        Number scalar = kernel.scalars().get(index - POINTERS);
        if (!DeviceKernel.fits(scalar, parameter.type())) {
            throw refused(
                    parameters,
                    kernel,
                    "have " + parameter + " where the job gives " + scalar + ", a "
                            + scalar.getClass().getSimpleName());
        }
    }

    /**
     * Outputs are as long as inputs, so their elements are too. Fewer bytes than an element has
     * would mean more work-items than elements, which run beyond their buffers.
     */
    private static long elementBytes(List<KernelParameter> parameters, DeviceKernel kernel) {
        OptionalLong in = parameters.get(0).elementBytes();
        OptionalLong out = parameters.get(1).elementBytes();
        if (in.isEmpty() || !in.equals(out)) {
            throw refused(
                    parameters,
                    kernel,
                    "have elements of different sizes, or of types that the driver does not tell;"
                            + " use pointers to types of OpenCL C itself");
        }
        return in.getAsLong();
    }

    private static RefusedException refused(
            List<KernelParameter> parameters, DeviceKernel kernel, String why) {
        return new RefusedException("kernel '" + kernel.name()
                + "' cannot be called: a job gives it"
                + " a pointer to read, one to write, and " + kernel.scalars().size()
                + " numbers, and its parameters " + parameters + " " + why);
    }
}
