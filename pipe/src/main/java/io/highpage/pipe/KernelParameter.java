// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a kernel says about one of its parameters.
 *
 * @param name its name, or empty if the driver does not tell
 * @param type its type as written in the source, or empty if the driver does not tell
 * @param buffer whether it points to device memory, or empty if the driver does not tell
 * @param isLocal whether it points to local memory, as far as the driver tells
 */
public record KernelParameter(String name, String type, Optional<Boolean> buffer, boolean isLocal) {
    /** Bytes of what OpenCL C calls so on every device. */
    private static final Map<String, Integer> BYTES =
            Map.of("char", 1, "short", 2, "half", 2, "int", 4, "float", 4, "long", 8, "double", 8);

    // Such as 'float *', 'unsigned char*', 'uint4*'.
    private static final Pattern POINTER = Pattern.compile(
            "(?:u|unsigned |signed )?(" + String.join("|", BYTES.keySet()) + ")(2|3|4|8|16)? ?\\*");

    private static final Pattern NUMBER =
            Pattern.compile("(?:u|unsigned |signed )?(?:" + String.join("|", BYTES.keySet()) + ")");

    static List<KernelParameter> of(cl_kernel kernel) {
        int[] count = new int[1];
        CL.clGetKernelInfo(kernel, CL.CL_KERNEL_NUM_ARGS, Sizeof.cl_uint, Pointer.to(count), null);
        List<KernelParameter> parameters = new ArrayList<>();
        for (int i = 0; i < count[0]; i++) {
            parameters.add(one(kernel, i));
        }
        return parameters;
    }

    /**
     * {@return the size of one element of a buffer; empty if the driver or the type does not tell}
     */
    public OptionalLong elementBytes() {
        Matcher pointer = POINTER.matcher(type);
        if (!pointer.matches()) {
            return OptionalLong.empty();
        }
        int lanes = pointer.group(2) == null ? 1 : Integer.parseInt(pointer.group(2));
        // Three lanes take the room of four.
        long lane = Objects.requireNonNull(BYTES.get(pointer.group(1)));
        return OptionalLong.of(lane * (lanes == 3 ? 4 : lanes));
    }

    /**
     * {@return why no file, number or local memory is an argument of this kind; empty if something
     * is, or the driver does not tell}
     */
    public Optional<String> impossible() {
        String word = type.replaceFirst("^(?:__)?(?:read_only|write_only|read_write) ", "");
        if (word.startsWith("image") && word.endsWith("_t")) {
            return Optional.of("an image, and files are given as buffers: read the elements of"
                    + " a 'global const' pointer instead of pixels");
        }
        return switch (word) {
            case "sampler_t" ->
                Optional.of("a sampler: define it in the source, as a constant" + " sampler_t");
            case "queue_t", "event_t", "clk_event_t", "reserve_id_t", "ndrange_t" ->
                Optional.of("something that only a program can make");
            default ->
                word.isEmpty() || word.endsWith("*") || NUMBER.matcher(word).matches()
                        ? Optional.empty()
                        : Optional.of("no number: give the members of a structure or a vector as"
                                + " numbers, or a file of it for a 'global const' pointer");
        };
    }

    /** {@return the same, with a type that its own one stands for} */
    KernelParameter as(String meant) {
        return new KernelParameter(name, meant, buffer, isLocal);
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
                    kernel,
                    index,
                    CL.CL_KERNEL_ARG_ADDRESS_QUALIFIER,
                    Sizeof.cl_uint,
                    Pointer.to(qualifier),
                    null);
            String type = text(kernel, index, CL.CL_KERNEL_ARG_TYPE_NAME);
            // An image is global too, but no pointer.
            boolean buffer = type.endsWith("*")
                    && (qualifier[0] == CL.CL_KERNEL_ARG_ADDRESS_GLOBAL
                            || qualifier[0] == CL.CL_KERNEL_ARG_ADDRESS_CONSTANT);
            return new KernelParameter(
                    text(kernel, index, CL.CL_KERNEL_ARG_NAME),
                    type,
                    Optional.of(buffer),
                    type.endsWith("*") && qualifier[0] == CL.CL_KERNEL_ARG_ADDRESS_LOCAL);
        } catch (CLException | UnsupportedOperationException notTold) {
            return new KernelParameter("", "", Optional.empty(), false);
        }
    }

    private static String text(cl_kernel kernel, int index, int what) {
        long[] size = new long[1];
        CL.clGetKernelArgInfo(kernel, index, what, 0, null, size);
        byte[] text = new byte[(int) size[0]];
        CL.clGetKernelArgInfo(kernel, index, what, text.length, Pointer.to(text), null);
        return KernelProgram.text(text);
    }
}
