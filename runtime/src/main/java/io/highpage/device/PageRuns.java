// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

import java.lang.foreign.MemorySegment;

/**
 * The runs of neighbouring pages that one step of a migration copies or zeroes. A run is a byte
 * range of the buffer; it has the same offset in the buffer's host window and in its device window.
 * Valid during the call it is passed to.
 */
public interface PageRuns {

    /** {@return the number of runs} */
    int count();

    /**
     * {@return where a run starts in the window, in bytes}
     *
     * @param run index of the run
     */
    long offset(int run);

    /**
     * {@return the length of a run in bytes}
     *
     * @param run index of the run
     */
    long bytes(int run);

    /** {@return the length of all runs in bytes} */
    long totalBytes();

    /**
     * {@return how many threads may share a copy of the runs, the caller included, at least 1: what
     * the runtime was {@linkplain io.highpage.Highpage.Builder#threads built with}} {@link #copy}
     * and {@link #zero} keep to it; so should a device that copies by threads of its own.
     */
    int threads();

    /**
     * Copies the runs from one window to the other with the fastest means this machine has. For
     * devices whose memory the CPU can touch. That memory has to be there: if the device's side is
     * a mapping of a file that gets shorter, and not a segment that
     * {@link java.nio.channels.FileChannel#map} made, the process ends.
     *
     * @param source the window to copy from
     * @param target the window to copy to; its runs and those of the source do not overlap
     */
    void copy(MemorySegment source, MemorySegment target);

    /**
     * Zeroes the runs. For devices whose memory the CPU can touch.
     *
     * @param target the window to write to
     */
    void zero(MemorySegment target);
}
