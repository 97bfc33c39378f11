// SPDX-License-Identifier: Apache-2.0

/**
 * Exact nearest neighbours on a device, over vectors that are appended all the time.
 *
 * <p>Uses: outcome, device, io.highpage, opencl, jocl, host.
 *
 * <p>Threads: any number of them append and search a {@link io.highpage.examples.vectors.Vectors};
 * each has a {@link io.highpage.examples.vectors.Search} of its own.
 */
@NullMarked
package io.highpage.examples.vectors;

import org.jspecify.annotations.NullMarked;
