// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.examples;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Residency;

import org.jocl.cl_kernel;

/** Results that are looked at in between, while what makes them stays on the device. */
final class CopiedResults {
    private CopiedResults() {}

    static int run(OpenClMemoryMode mode, int[] numbers, int steps) {
        Gpu gpu = Gpu.open();
        cl_kernel kernel = gpu.kernel(KeptBuffers.ADD, "add");
        long bytes = 4L * numbers.length;
        try (Highpage hp = Highpage.builder()
                        .device(Jocl.device(gpu.context(), gpu.device(), gpu.queue(), mode))
                        .open();
                PageBuffer state = hp.allocate(bytes);
                PageBuffer seen = hp.allocate(bytes)) {
            state.write(0, numbers);
            // example
            for (int step = 0; step < steps; step++) {
                try (DeviceAccess both = state.access(hp.device(), AccessMode.READ_WRITE)) {
                    Jocl.launch(
                            gpu.queue(), kernel, new long[] {numbers.length}, null, both, both, 1);
                }
                state.copyTo(seen, 0); // the state stays on the device
                seen.read(0, numbers);
            }
            // end of example
            return (int) state.residency().count(Residency.DEVICE);
        } finally {
            gpu.close(kernel);
        }
    }
}
