// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A kernel in OpenCL C that works on each element by itself. Its parameters are a pointer to what
 * is read, one to what is written, with elements of one size, and then numbers. Each executor
 * compiles it once for its device. Immutable and thread-safe.
 *
 * @param source OpenCL C, not blank
 * @param name the kernel's name in it
 * @param buildOptions for the compiler, such as {@code -cl-fast-relaxed-math}; may be empty
 * @param scalars what the kernel gets after the pointers, each a {@link Byte}, {@link Short},
 *     {@link Integer}, {@link Long}, {@link Float} or {@link Double} for a parameter of the OpenCL
 *     C type of that name
 */
public record DeviceKernel(
        String source, String name, String buildOptions, List<? extends Number> scalars)
        implements Serializable {
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_]\\w*");

    /** What OpenCL C calls the numbers of a class; unsigned ones are given by their bits. */
    private static final Map<Class<? extends Number>, String> NUMBERS = Map.of(
            Byte.class, "char",
            Short.class, "short",
            Integer.class, "int",
            Long.class, "long",
            Float.class, "float",
            Double.class, "double");

    /**
     * Makes a kernel; it is compiled by executors.
     *
     * @throws IllegalArgumentException if the source is blank, the name is no name of OpenCL C, or
     *     a number is of another class
     */
    public DeviceKernel {
        if (source.isBlank()) {
            throw new IllegalArgumentException("the kernel's source is empty");
        }
        if (!IDENTIFIER.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name + "' is no name of a kernel");
        }
        buildOptions = buildOptions.strip();
        scalars = List.copyOf(scalars);
        for (Number scalar : scalars) {
            if (!NUMBERS.containsKey(scalar.getClass())) {
                throw new IllegalArgumentException("kernel '" + name + "' cannot be given " + scalar
                        + " of " + scalar.getClass().getName()
                        + ": use a Byte, Short, Integer, Long, Float or Double");
            }
        }
    }

    /**
     * {@return a kernel that needs no options}
     *
     * @param source OpenCL C, not blank
     * @param name the kernel's name in it
     * @param scalars what it gets after the pointers
     * @throws IllegalArgumentException as the constructor
     */
    public static DeviceKernel of(String source, String name, Number... scalars) {
        return new DeviceKernel(source, name, "", List.of(scalars));
    }

    /**
     * {@return whether a number can be a parameter}
     *
     * @param number of a class that a kernel takes
     * @param type of the parameter in OpenCL C; empty where the driver does not tell
     */
    static boolean fits(Number number, String type) {
        return type.isEmpty()
                || type.replaceFirst("^(?:unsigned |signed |u)", "")
                        .equals(NUMBERS.get(number.getClass()));
    }
}
