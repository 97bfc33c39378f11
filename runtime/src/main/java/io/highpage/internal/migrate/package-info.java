// SPDX-License-Identifier: Apache-2.0

/**
 * Takes counts on pages and moves them: claims, moves, batches, the closing of a buffer. Devices
 * are numbers here.
 *
 * <p>Uses: internal.close, internal.log, internal.telemetry, internal.work, outcome, internal.jvm,
 * internal.outcome, internal.page, device, io.highpage, internal.budget, internal.copy,
 * internal.memory.
 *
 * <p>Threads: each operation on the thread that asked for it; what nobody asked for on one of the
 * runtime's own.
 */
@NullMarked
package io.highpage.internal.migrate;

import org.jspecify.annotations.NullMarked;
