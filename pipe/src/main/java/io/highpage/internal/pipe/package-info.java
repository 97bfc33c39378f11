// SPDX-License-Identifier: Apache-2.0

/**
 * Bytes between files and memory, and accesses that end with a kernel.
 *
 * <p>Uses: internal.close, outcome, io.highpage, uring.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.internal.pipe;

import org.jspecify.annotations.NullMarked;
