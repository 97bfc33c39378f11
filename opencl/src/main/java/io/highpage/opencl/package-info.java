// SPDX-License-Identifier: Apache-2.0

/**
 * OpenCL devices. Those of this machine are found by {@link io.highpage.device.Devices} as
 * {@code opencl:0} and so on; a program with a context and a queue of its own makes an
 * {@link io.highpage.opencl.OpenClDevice} of them.
 *
 * <p>Uses: bindings.opencl, internal.close, outcome, device, io.highpage, internal.os,
 * internal.memory, internal.opencl, internal.opencl.probe.
 *
 * <p>Threads: any, and the driver's own.
 */
@NullMarked
package io.highpage.opencl;

import org.jspecify.annotations.NullMarked;
