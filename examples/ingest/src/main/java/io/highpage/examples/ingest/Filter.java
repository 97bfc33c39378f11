// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import io.highpage.DeviceAccess;
import io.highpage.device.Completion;
import io.highpage.device.DeviceMemory;

/**
 * The job on a device, in two steps: how many records are kept is known before they are copied.
 * Thread-safe.
 */
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
     * Begins to count. Closing the accesses waits for it.
     *
     * @param in records
     * @param records how many
     * @param places takes where the kept ones of each block go, and at the end how many there are
     * @return the end of the work
     */
    Completion count(DeviceAccess in, int records, DeviceAccess places);

    /**
     * Begins to copy what is kept, once it is counted. Closing the accesses waits for it.
     *
     * @param in records
     * @param records how many
     * @param places what {@link #count} has written
     * @param out takes the kept ones
     */
    void keep(DeviceAccess in, int records, DeviceAccess places, DeviceAccess out);

    @Override
    void close();
}
