// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import java.nio.file.Path;

/**
 * What to do.
 *
 * @param input a file of records
 * @param output takes those that are kept
 * @param threshold the lowest value that is kept
 * @param memory how many bytes the runtime may have at home, and as many on the device
 * @param ring whether to use io_uring if it is there
 */
record Job(Path input, Path output, float threshold, long memory, boolean ring) {}
