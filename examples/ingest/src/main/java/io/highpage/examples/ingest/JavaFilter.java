// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceMemory;
import io.highpage.host.HostDevice;

import java.lang.foreign.ValueLayout;

/** Where there is no OpenCL: the built-in device, whose kernels are Java. */
final class JavaFilter implements Filter {
    private final HostDevice device;
    private final float threshold;

    JavaFilter(long bytes, float threshold) {
        this.device = HostDevice.privateMemory(bytes);
        this.threshold = threshold;
    }

    @Override
    public String description() {
        return "Java on " + device.description();
    }

    @Override
    public DeviceMemory memory() {
        return device;
    }

    @Override
    public void run(DeviceAccess in, int records, DeviceAccess places, DeviceAccess out) {
        int[] count = new int[1];
        device.launch(
                in,
                source -> device.launch(
                        out, kept -> count[0] = Records.keep(source, kept, threshold)));
        long last = Integer.BYTES * (long) Filter.blocks(records);
        device.launch(places, counts -> counts.set(ValueLayout.JAVA_INT, last, count[0]));
    }

    @Override
    public void close() {
        // The runtime has closed the device.
    }
}
