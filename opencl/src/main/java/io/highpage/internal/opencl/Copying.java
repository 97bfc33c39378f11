// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.PageRuns;

import java.lang.foreign.MemorySegment;

/**
 * A way to copy between a private device and the host's memory. What moves pages and the extents do
 * not know which. Thread-safe.
 */
interface Copying {
    /**
     * Copies runs, of which there is one at least. Returns when the bytes have arrived, and also
     * fails only when no command of its own runs any more, or the device is lost and may still be
     * at work.
     *
     * @param base where the device window starts in the extent
     * @param window the host window
     * @param runs what to copy, relative to both windows
     */
    void copy(ClContext context, Transfer transfer, long base, MemorySegment window, PageRuns runs);

    /** Gives back what it has of the driver's, when nothing copies any more; again if it failed. */
    default void close() {}
}
