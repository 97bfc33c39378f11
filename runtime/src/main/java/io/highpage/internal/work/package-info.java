// SPDX-License-Identifier: Apache-2.0

/**
 * Work in parts that idle threads share with the caller while that pays, and work that nobody waits
 * for.
 *
 * <p>Uses: internal.log.
 *
 * <p>Threads: callers, those of the JDK's common pool, and the one that Background has.
 */
@NullMarked
package io.highpage.internal.work;

import org.jspecify.annotations.NullMarked;
