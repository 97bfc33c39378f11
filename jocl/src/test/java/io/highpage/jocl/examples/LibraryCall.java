// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.examples;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/** A call that takes a {@code cl_mem}, as those of CLBlast do, on an access's memory. */
final class LibraryCall {
    private LibraryCall() {}

    static void run(OpenClMemoryMode mode, int[] numbers) {
        Gpu gpu = Gpu.open();
        cl_kernel kernel = gpu.kernel(KeptBuffers.ADD, "add");
        long bytes = 4L * numbers.length;
        Pointer one = Pointer.to(new int[] {1});
        try (Highpage hp = Highpage.builder()
                        .device(Jocl.device(gpu.context(), gpu.device(), gpu.queue(), mode))
                        .open();
                PageBuffer buffer = hp.allocate(bytes)) {
            // example
            try (DeviceAccess access = buffer.access(hp.device(), AccessMode.WRITE)) {
                cl_mem memory = Jocl.memoryObject(access); // until the access is closed
                cl_event done = new cl_event();
                CL.clEnqueueFillBuffer(
                        gpu.queue(), memory, one, Sizeof.cl_int, 0, bytes, 0, null, done);
                Jocl.completesWith(done, access);
                CL.clReleaseEvent(done);
            }
            // end of example
            buffer.read(0, numbers);
        } finally {
            gpu.close(kernel);
        }
    }
}
