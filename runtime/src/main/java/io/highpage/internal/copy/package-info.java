// SPDX-License-Identifier: Apache-2.0

/**
 * Copies and zeroes runs of bytes, natively or in Java.
 *
 * <p>Uses: internal.work, device, internal.os.
 *
 * <p>Threads: the one that moves pages, and those that share its work.
 */
@NullMarked
package io.highpage.internal.copy;

import org.jspecify.annotations.NullMarked;
