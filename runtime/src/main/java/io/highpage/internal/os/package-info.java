// SPDX-License-Identifier: Apache-2.0

/**
 * The system: memory, limits, files of {@code /proc}, io_uring's calls, signals. Each call is
 * checked, and fails with what to do.
 *
 * <p>Uses: bindings.linux, internal.log, internal.work, natives, outcome, device.
 *
 * <p>Threads: any; a call may block its thread.
 */
@NullMarked
package io.highpage.internal.os;

import org.jspecify.annotations.NullMarked;
