// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceMemory;

/** The job on a device. Thread-safe. */
interface Filter extends AutoCloseable {
    /** Records that are counted together. */
    int BLOCK = 64;

    /** {@return how many blocks there are} */
    static int blocks(int records) {
        return Math.ceilDiv(records, BLOCK);
    }

    /** {@return the length of what {@link #count} writes: an int a block, and one for all} */
    static long placesBytes(int records) {
        return Integer.BYTES * (blocks(records) + 1L);
    }

    /** {@return what it runs on and how, in words} */
    String description();

    /** {@return the device's memory, which the runtime that it is given to closes} */
    DeviceMemory memory();

    /**
     * Begins to count and to copy. Closing the accesses waits for it.
     *
     * @param in records
     * @param records how many
     * @param places takes where the kept ones of each block go, and at the end how many there are
     * @param out takes the kept ones
     */
    void run(DeviceAccess in, int records, DeviceAccess places, DeviceAccess out);

    @Override
    void close();
}
