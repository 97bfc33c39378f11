// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import org.jspecify.annotations.Nullable;

/**
 * Work items as the driver is told of them.
 *
 * @param items how many in each dimension
 * @param groups how many of them make a group, or null: the driver chooses
 * @param offset the number of the first, or null for 0
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ClRange(long[] items, long @Nullable [] groups, long @Nullable [] offset) {}
