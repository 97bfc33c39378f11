// SPDX-License-Identifier: Apache-2.0

/**
 * Bytes between files and memory.
 *
 * <p>Uses: uring.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.internal.pipe;

import org.jspecify.annotations.NullMarked;
