// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ucx;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.device.Devices;
import io.highpage.outcome.HighpageException;

import org.jocl.CLException;

/** The kernels of both processes. Confined to one thread. */
interface Words extends AutoCloseable {
    /** {@return what they run on, in words} */
    String description();

    /** {@return a runtime that has the device, and closes it} */
    Highpage highpage();

    /** Begins to make words, others for each seed. Closing the access waits for it. */
    void fill(DeviceAccess words, int seed);

    /** {@return a number that tells every word, and where it is} */
    long checksum(DeviceAccess words);

    @Override
    void close();

    /**
     * {@return the kernels on a device}
     *
     * @param device {@code host}, {@code opencl}, {@code opencl-private}, {@code opencl-buffer}, or
     *     {@code auto} for OpenCL if there is any
     * @param bytes how many there will be
     * @throws IllegalArgumentException if there is no such device
     */
    static Words on(String device, long bytes) {
        if (device.equals("host")) {
            return new JavaWords(bytes);
        }
        try {
            boolean any = device.equals("auto");
            return OpenClWords.open(Devices.named(any ? "opencl" : device));
        } catch (HighpageException | CLException | LinkageError | IllegalArgumentException no) {
            if (device.equals("auto")) {
                return new JavaWords(bytes);
            }
            throw new IllegalArgumentException(no.getMessage(), no);
        }
    }
}
