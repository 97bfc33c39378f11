// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import io.highpage.DeviceAccess;
import io.highpage.device.Completion;
import io.highpage.device.DeviceMemory;
import io.highpage.host.HostDevice;

import java.lang.foreign.ValueLayout;

/** Where there is no OpenCL: the built-in device, whose kernels are Java. */
final class JavaFilter implements Filter {
    /** What runs in the calling thread has ended when it returns. */
    private static final Completion ENDED = new Completion() {
        @Override
        public void await() {}

        @Override
        public boolean whenEnded(Runnable handOver) {
            handOver.run();
            return true;
        }
    };

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
    public Completion count(DeviceAccess in, int records, DeviceAccess places) {
        device.launch(
                in,
                source -> device.launch(
                        places,
                        counts -> counts.set(
                                ValueLayout.JAVA_INT,
                                Integer.BYTES * (long) Filter.blocks(records),
                                Records.count(source, threshold))));
        return ENDED;
    }

    @Override
    public void keep(DeviceAccess in, int records, DeviceAccess places, DeviceAccess out) {
        device.launch(
                in, source -> device.launch(out, kept -> Records.keep(source, kept, threshold)));
    }

    @Override
    public void close() {
        // The runtime has closed the device.
    }
}
