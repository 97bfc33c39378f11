// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.Device;
import io.highpage.PageRange;
import io.highpage.outcome.AccessMode;

/**
 * Is told what a run does, by the threads that do it, several at once. What it throws ends the run.
 */
public interface RunListener {
    /** Hears of nothing. */
    RunListener NONE = new RunListener() {};

    /**
     * Bytes have come to the device, or have left it.
     *
     * @param bytes how many, of all inputs or all outputs together
     */
    default void moved(long bytes) {}

    /**
     * A kernel is about to use memory.
     *
     * @param range the piece of an input or output, in the pipe's own buffer
     * @param device where it is
     * @param mode what the kernel may do there
     */
    default void using(PageRange range, Device device, AccessMode mode) {}
}
