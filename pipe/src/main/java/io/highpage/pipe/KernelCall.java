// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * What a run has its kernel do with each piece. The kernel is <em>element-wise</em>: the work-item
 * with number <i>n</i> reads and writes nothing but element <i>n</i> of each input and output, and
 * its number is for nothing else; it starts at 0 in each piece. That is believed. Immutable, hence
 * thread-safe.
 *
 * @param program the kernel, open until the run has ended
 * @param scalars its arguments after the inputs and outputs: numbers, and what else
 *     {@link io.highpage.opencl.OpenClKernel} takes as a value
 * @param elementBytes bytes of each input and output for one work-item, at least 1
 * @param group how many work-items work together, which has to divide those of each piece; as the
 *     driver likes if it is not said
 * @param outputsAt which of the kernel's first arguments are the outputs, from 0, ascending; empty
 *     if they come behind the inputs
 */
public record KernelCall(
        KernelProgram program,
        List<?> scalars,
        long elementBytes,
        OptionalLong group,
        List<Integer> outputsAt) {

    /**
     * A call.
     *
     * @throws IllegalArgumentException if a number is out of range
     */
    public KernelCall {
        Objects.requireNonNull(program, "program");
        scalars = List.copyOf(scalars);
        outputsAt = List.copyOf(outputsAt);
        if (elementBytes < 1) {
            throw new IllegalArgumentException("elementBytes=" + elementBytes + " is not positive");
        }
        if (group.isPresent() && group.getAsLong() < 1) {
            throw new IllegalArgumentException("group=" + group.getAsLong() + " is not positive");
        }
    }

    /**
     * A call of a kernel whose outputs come behind its inputs.
     *
     * @param program the kernel
     * @param scalars its arguments after the inputs and outputs
     * @param elementBytes bytes of each input and output for one work-item
     * @param group how many work-items work together, if that matters
     */
    public KernelCall(
            KernelProgram program, List<?> scalars, long elementBytes, OptionalLong group) {
        this(program, scalars, elementBytes, group, List.of());
    }

    /**
     * {@return which of the first arguments are outputs, for a shape}
     *
     * @throws IllegalArgumentException if the call is not for such a shape
     */
    List<Boolean> roles(PipeShape shape) {
        List<Boolean> roles = new ArrayList<>();
        for (int i = 0; i < shape.files(); i++) {
            roles.add(outputsAt.isEmpty() ? i >= shape.inputs() : outputsAt.contains(i));
        }
        if (roles.stream().filter(output -> output).count() != shape.outputs()
                || !outputsAt.isEmpty() && outputsAt.size() != shape.outputs()) {
            throw new IllegalArgumentException("outputsAt=" + outputsAt + " are not "
                    + shape.outputs() + " of the first " + shape.files() + " arguments, which a"
                    + " pipe of " + shape + " has");
        }
        return roles;
    }
}
