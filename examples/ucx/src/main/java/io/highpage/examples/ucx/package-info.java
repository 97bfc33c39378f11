// SPDX-License-Identifier: Apache-2.0

/**
 * Sends device pages from one process to another.
 *
 * <p>Uses: outcome, device, io.highpage, ucx, opencl, jocl, host.
 *
 * <p>Threads: one in each process, and one that hears whether the other process has ended.
 */
package io.highpage.examples.ucx;
