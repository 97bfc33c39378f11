// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

/**
 * What a run did.
 *
 * @param pieces how many pieces there were, each with a launch
 * @param bytes the length of each input and output
 * @param kernelNanos time in kernels, in nanoseconds, as the driver tells it
 */
public record PipeResult(long pieces, long bytes, long kernelNanos) {}
