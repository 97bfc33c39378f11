// SPDX-License-Identifier: Apache-2.0

/**
 * Buffers of pages that move between host and device memory, and what keeps pages in place:
 * short-term holds, long-term pins and device accesses. Start at {@link io.highpage.Highpage}.
 *
 * <p>Uses: outcome, device.
 *
 * <p>Threads: any; each type says what is confined.
 */
@NullMarked
package io.highpage;

import org.jspecify.annotations.NullMarked;
