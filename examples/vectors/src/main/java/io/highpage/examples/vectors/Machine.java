// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.vectors;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceMemory;

/** A device that searches: one of OpenCL, or the built-in one, where "kernels" are plain Java. */
public sealed interface Machine extends AutoCloseable permits OpenClMachine, HostMachine {
    /** The rows that a work item looks at. */
    int SLICE_ROWS = 256;

    /**
     * {@return the best there is: an OpenCL GPU, else another OpenCL device, else the built-in one}
     */
    static Machine best() {
        return OpenClMachine.isThere() ? OpenClMachine.open() : HostMachine.coherent();
    }

    /** {@return its memory, for a runtime, which closes it} */
    DeviceMemory memory();

    /** {@return what it is, in words} */
    String description();

    /**
     * {@return a kernel, for one thread at a time}
     *
     * @param dimensions the floats of a row
     * @param k how many rows it finds
     */
    Kernel kernel(int dimensions, int k);

    /** To be closed after the runtime. */
    @Override
    void close();

    /** Finds the nearest rows of each slice of a span. */
    interface Kernel extends AutoCloseable {
        /**
         * Starts it: the accesses may not be closed by others until it ends, and their close waits
         * for it.
         *
         * @param rows rows of floats
         * @param count how many
         * @param queries rows as long as those
         * @param queryCount how many
         * @param hits takes two ints a hit, the distance's bits and the row; k hits a query, all
         *     queries a slice
         */
        void start(
                DeviceAccess rows,
                int count,
                DeviceAccess queries,
                int queryCount,
                DeviceAccess hits);

        @Override
        void close();
    }

    /** {@return how many slices some rows are} */
    static int slices(int rows) {
        return Math.ceilDiv(rows, SLICE_ROWS);
    }
}
