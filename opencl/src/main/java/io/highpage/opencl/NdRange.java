// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import io.highpage.internal.opencl.ClRange;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Objects;

/**
 * The work items of a launch: how many there are in each dimension, how many make a group, and what
 * the first one's number is. Immutable, hence thread-safe.
 */
public final class NdRange {
    private static final int DIMENSIONS_MAX = 3;

    private final ClRange range;

    private NdRange(long[] items, long @Nullable [] groups, long @Nullable [] offset) {
        range = new ClRange(items, groups, offset);
    }

    /**
     * {@return a range whose groups the driver chooses, and whose items count from 0}
     *
     * @param items the number of work items in each of one to three dimensions, at least 1
     * @throws IllegalArgumentException if there are none, or more dimensions
     */
    public static NdRange of(long... items) {
        Objects.requireNonNull(items, "items");
        if (items.length < 1 || items.length > DIMENSIONS_MAX) {
            throw new IllegalArgumentException("items=" + Arrays.toString(items) + " has "
                    + items.length + " dimensions: a kernel has 1 to " + DIMENSIONS_MAX);
        }
        return new NdRange(positive("items", items), null, null);
    }

    /**
     * {@return the same with groups of a given size}
     *
     * @param groups the number of work items of a group in each dimension, at least 1. Before
     *     OpenCL C 2.0 it has to divide the number of items
     * @throws IllegalArgumentException if there are other dimensions than items have
     */
    public NdRange groups(long... groups) {
        Objects.requireNonNull(groups, "groups");
        return new NdRange(
                range.items(),
                positive("groups", sameDimensions("groups", groups)),
                range.offset());
    }

    /**
     * {@return the same with items that count from given numbers}
     *
     * @param offset the first item's number in each dimension, at least 0
     * @throws IllegalArgumentException if there are other dimensions than items have
     */
    public NdRange offset(long... offset) {
        Objects.requireNonNull(offset, "offset");
        return new NdRange(
                range.items(),
                range.groups(),
                atLeast(0, "offset", sameDimensions("offset", offset)));
    }

    private static long[] positive(String what, long[] numbers) {
        return atLeast(1, what, numbers);
    }

    private long[] sameDimensions(String what, long[] numbers) {
        if (numbers.length != range.items().length) {
            throw new IllegalArgumentException(what + "=" + Arrays.toString(numbers) + " has "
                    + numbers.length + " dimensions, items=" + Arrays.toString(range.items())
                    + " has "
                    + range.items().length);
        }
        return numbers;
    }

    private static long[] atLeast(long least, String what, long[] numbers) {
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] < least) {
                throw new IllegalArgumentException(
                        what + "[" + i + "] has to be at least " + least + ": " + numbers[i]);
            }
        }
        return numbers.clone();
    }

    ClRange forDriver() {
        return range;
    }

    /** {@return the sizes, and what is the likely mistake, for an error of the driver's} */
    String hint() {
        StringBuilder text = new StringBuilder(": ").append(this);
        long[] groups = range.groups();
        for (int i = 0; groups != null && i < groups.length; i++) {
            if (range.items()[i] % groups[i] != 0) {
                text.append("; items[" + i + "] is no multiple of groups[" + i
                        + "], which a kernel is allowed from OpenCL C 2.0 on (built with"
                        + " -cl-std=CL2.0) where the driver can");
            }
        }
        return text.toString();
    }

    /** {@return such as {@code items=[1024] groups=[64]}} */
    @Override
    public String toString() {
        return named("items", range.items())
                + named(" groups", range.groups())
                + named(" offset", range.offset());
    }

    private static String named(String name, long @Nullable [] numbers) {
        return numbers == null ? "" : name + "=" + Arrays.toString(numbers);
    }
}
