// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.examples;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_event;
import org.jocl.cl_kernel;

/** Kernels on queues that are not the device's own. */
final class OtherQueue {
    private OtherQueue() {}

    /** Adds 1 by a launch, and 2 by calls of the program's own. */
    static void run(int[] numbers) {
        Gpu gpu = Gpu.open();
        cl_kernel kernel = gpu.kernel(KeptBuffers.ADD, "add");
        cl_command_queue other = gpu.newQueue();
        OpenClDevice device = Jocl.device(gpu.context(), gpu.device(), gpu.queue());
        long[] items = {numbers.length};
        try (Highpage hp = Highpage.builder().device(device).open();
                PageBuffer first = hp.allocate(4L * numbers.length);
                PageBuffer second = hp.allocate(4L * numbers.length)) {
            first.write(0, numbers);
            // example
            try (DeviceAccess from = first.access(hp.device(), AccessMode.READ);
                    DeviceAccess to = second.access(hp.device(), AccessMode.WRITE)) {
                Jocl.launch(other, kernel, items, null, from, to, 1);
            } // both wait for the kernel: the launch has told them
            try (DeviceAccess from = second.access(hp.device(), AccessMode.READ);
                    DeviceAccess to = first.access(hp.device(), AccessMode.WRITE)) {
                Jocl.setArgument(kernel, 0, from);
                Jocl.setArgument(kernel, 1, to);
                CL.clSetKernelArg(kernel, 2, Sizeof.cl_int, Pointer.to(new int[] {2}));
                cl_event done = new cl_event();
                CL.clEnqueueNDRangeKernel(other, kernel, 1, null, items, null, 0, null, done);
                Jocl.completesWith(done, from, to); // all of them; a missing one may lose its bytes
                CL.clReleaseEvent(done);
            }
            // end of example
            first.read(0, numbers);
        } finally {
            CL.clReleaseCommandQueue(other);
            gpu.close(kernel);
        }
    }
}
