// SPDX-License-Identifier: Apache-2.0

/**
 * OpenCL kernels over files, launched through JOCL on Highpage's memory.
 *
 * <p>Uses: outcome, device, io.highpage, cli.console, opencl, jocl.
 *
 * <p>Threads: main.
 */
@NullMarked
package io.highpage.cli.kernel;

import org.jspecify.annotations.NullMarked;
