// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.examples;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceTraffic;

import org.jocl.cl_kernel;

/** A loop over two buffers that are kept: new input in each step, and its results. */
final class KeptBuffers {
    static final String ADD = "kernel void add(global const int *from, global int *to, int number)"
            + " { to[get_global_id(0)] = from[get_global_id(0)] + number; }";

    private KeptBuffers() {}

    /** {@return what was copied to and from the device} */
    static DeviceTraffic run(OpenClMemoryMode mode, int[] numbers, int steps) {
        Gpu gpu = Gpu.open();
        cl_kernel kernel = gpu.kernel(ADD, "add");
        long bytes = 4L * numbers.length;
        try (Highpage hp = Highpage.builder()
                        .device(Jocl.device(gpu.context(), gpu.device(), gpu.queue(), mode))
                        .open();
                PageBuffer input = hp.allocate(bytes);
                PageBuffer output = hp.allocate(bytes)) {
            // example
            for (int step = 0; step < steps; step++) {
                input.write(0, numbers); // nothing is brought home first
                try (DeviceAccess from = input.access(hp.device(), AccessMode.READ); // once there
                        DeviceAccess to = output.access(hp.device(), AccessMode.WRITE)) { // nothing
                    Jocl.launch(
                            gpu.queue(), kernel, new long[] {numbers.length}, null, from, to, step);
                }
                output.read(0, numbers); // once home
            }
            // end of example
            return hp.device().traffic();
        } finally {
            gpu.close(kernel);
        }
    }
}
