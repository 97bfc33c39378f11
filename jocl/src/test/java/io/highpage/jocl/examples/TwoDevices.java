// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.examples;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.outcome.AccessMode;

import org.jocl.cl_kernel;

/** One buffer, half of which each of two devices works on, at once. */
final class TwoDevices {
    private TwoDevices() {}

    static void run(OpenClMemoryMode mode, int[] numbers) {
        Gpu left = Gpu.open();
        Gpu right = Gpu.open(); // another device, where there is one
        cl_kernel onLeft = left.kernel(KeptBuffers.ADD, "add");
        cl_kernel onRight = right.kernel(KeptBuffers.ADD, "add");
        long half = 2L * numbers.length; // whole pages
        long[] items = {numbers.length / 2};
        // example
        try (Highpage hp = Highpage.builder()
                        .device(Jocl.device(
                                "left", left.context(), left.device(), left.queue(), mode))
                        .device(Jocl.device(
                                "right", right.context(), right.device(), right.queue(), mode))
                        .open();
                PageBuffer buffer = hp.allocate(2 * half)) {
            buffer.write(0, numbers);
            PageRange lower = buffer.range(0, half);
            PageRange upper = buffer.range(half, half);
            try (DeviceAccess one = lower.access(hp.devices().get(0), AccessMode.READ_WRITE);
                    DeviceAccess two = upper.access(hp.devices().get(1), AccessMode.READ_WRITE)) {
                Jocl.launch(left.queue(), onLeft, items, null, one, one, 1);
                Jocl.launch(right.queue(), onRight, items, null, two, two, 2);
            } // waits for both
            buffer.read(0, numbers);
        }
        // end of example
        left.close(onLeft);
        right.close(onRight);
    }
}
