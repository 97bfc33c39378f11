// SPDX-License-Identifier: Apache-2.0

/**
 * Loops of closes that close everything, and turns that operations take.
 *
 * <p>Uses: nothing.
 *
 * <p>Threads: any; a turn belongs to an operation, not to a thread.
 */
@NullMarked
package io.highpage.internal.close;

import org.jspecify.annotations.NullMarked;
