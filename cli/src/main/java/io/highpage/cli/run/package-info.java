// SPDX-License-Identifier: Apache-2.0

/**
 * A kernel over files: in one piece, as a pipeline of pieces, or the plain way to compare with.
 *
 * <p>Uses: outcome, device, io.highpage, internal.pipe, opencl, jocl, pipe, cli.console,
 * cli.kernel.
 *
 * <p>Threads: main, and those that share copies.
 */
@NullMarked
package io.highpage.cli.run;

import org.jspecify.annotations.NullMarked;
