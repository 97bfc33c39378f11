// SPDX-License-Identifier: Apache-2.0

/**
 * The main job on real data, step by step.
 *
 * <p>Uses: outcome, device, io.highpage, internal.pipe, opencl, jocl, host, pipe, cli.console,
 * cli.kernel.
 *
 * <p>Threads: main.
 */
@NullMarked
package io.highpage.cli.demo;

import org.jspecify.annotations.NullMarked;
