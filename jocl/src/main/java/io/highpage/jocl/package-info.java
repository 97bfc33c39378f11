// SPDX-License-Identifier: Apache-2.0

/**
 * The bridge to JOCL ({@code org.jocl:jocl}, 2.0.6 or newer; older ones look for
 * {@code libOpenCL.so}, which only development packages install).
 *
 * <p>Uses: outcome, device, io.highpage, opencl.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.jocl;

import org.jspecify.annotations.NullMarked;
