// SPDX-License-Identifier: Apache-2.0

/**
 * Kernels as users of the command line give them, and memory as programs have it without Highpage.
 *
 * <p>Uses: device, opencl, jocl, pipe, cli.console.
 *
 * <p>Threads: main.
 */
@NullMarked
package io.highpage.cli.kernel;

import org.jspecify.annotations.NullMarked;
