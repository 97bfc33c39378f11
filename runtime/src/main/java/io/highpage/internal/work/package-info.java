// SPDX-License-Identifier: Apache-2.0

/**
 * Work in parts that idle threads share with the caller.
 *
 * <p>Uses: nothing.
 *
 * <p>Threads: callers, and those of the JDK's common pool.
 */
@NullMarked
package io.highpage.internal.work;

import org.jspecify.annotations.NullMarked;
