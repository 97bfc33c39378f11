// SPDX-License-Identifier: Apache-2.0

/**
 * What is told in the program's log, by the {@code System.Logger} of the class that tells, what a
 * thread is called there and in other messages, and which settings are none.
 *
 * <p>Uses: nothing.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.internal.log;

import org.jspecify.annotations.NullMarked;
