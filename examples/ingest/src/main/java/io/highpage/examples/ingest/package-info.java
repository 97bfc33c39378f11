// SPDX-License-Identifier: Apache-2.0

/**
 * Filters a file of records on a device.
 *
 * <p>Uses: outcome, device, io.highpage, uring, opencl, jocl, host.
 *
 * <p>Threads: one that reads and one that writes; what is between them runs in those of Highpage
 * and of the common pool.
 */
package io.highpage.examples.ingest;
