// SPDX-License-Identifier: Apache-2.0

/**
 * Tells what is open and where it was opened, for tests, and what became unreachable while it was
 * open. The first is off unless a test turns it on.
 *
 * <p>Uses: internal.log.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.internal.watch;

import org.jspecify.annotations.NullMarked;
