// SPDX-License-Identifier: Apache-2.0

/**
 * Filters a file of records on a device.
 *
 * <p>Uses: nothing.
 *
 * <p>Threads: the program's.
 */
package io.highpage.examples.ingest;
