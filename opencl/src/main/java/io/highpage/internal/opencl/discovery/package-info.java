// SPDX-License-Identifier: Apache-2.0

/**
 * Finds OpenCL drivers and devices, and says why one cannot be used.
 *
 * <p>Uses: bindings.opencl, outcome, device, internal.os, internal.opencl, internal.opencl.probe,
 * opencl.
 *
 * <p>Threads: any; a driver is asked on a daemon thread, since it may hang.
 */
@NullMarked
package io.highpage.internal.opencl.discovery;

import org.jspecify.annotations.NullMarked;
