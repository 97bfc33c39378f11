// SPDX-License-Identifier: Apache-2.0

/**
 * What every bridge to an OpenCL library has to do, and whether there is a driver to try it on.
 *
 * <p>Uses: outcome, device, io.highpage, host.
 *
 * <p>Threads: a test's own.
 */
package io.highpage.testkit.opencl;
