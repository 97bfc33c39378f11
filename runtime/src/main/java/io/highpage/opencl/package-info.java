// SPDX-License-Identifier: Apache-2.0

/**
 * OpenCL devices. Those of this machine are found by {@link io.highpage.device.Devices} as
 * {@code opencl:0} and so on; a program with a context and a queue of its own makes an
 * {@link io.highpage.opencl.OpenClDevice} of them.
 */
package io.highpage.opencl;
