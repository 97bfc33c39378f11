// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.examples;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Terms;

import org.jocl.CL;
import org.jocl.cl_event;
import org.jocl.cl_kernel;

import java.util.concurrent.CompletableFuture;

/** Steps that begin after events, and a thread that waits for the end only. */
final class AfterEvents {
    private AfterEvents() {}

    static void run(OpenClMemoryMode mode, int[] numbers) {
        Gpu gpu = Gpu.open();
        cl_kernel kernel = gpu.kernel(KeptBuffers.ADD, "add");
        OpenClDevice device = Jocl.device(gpu.context(), gpu.device(), gpu.queue(), mode);
        cl_event ready = CL.clCreateUserEvent(gpu.context(), null);
        try (Highpage hp = Highpage.builder().device(device).open();
                PageBuffer buffer = hp.allocate(4L * numbers.length)) {
            buffer.write(0, numbers);
            // example
            Terms terms = Terms.defaults().owner("events").mode(AccessMode.READ_WRITE);
            CompletableFuture<Void> read = buffer.accessAsync(
                            terms, hp.device(), Jocl.completion(device, ready)) // once it has come
                    .thenCompose(access ->
                            launched(gpu, kernel, access).closeAsync()) // once it has ended
                    .thenCompose(closed -> buffer.pinAsync(terms)) // at home, with its results
                    .thenAccept(pin -> {
                        try (pin) {
                            pin.asByteBuffer().asIntBuffer().get(numbers);
                        }
                    });
            // end of example
            CL.clSetUserEventStatus(ready, CL.CL_COMPLETE);
            read.join();
        } finally {
            CL.clReleaseEvent(ready);
            gpu.close(kernel);
        }
    }

    private static DeviceAccess launched(Gpu gpu, cl_kernel kernel, DeviceAccess access) {
        long[] items = {access.byteSize() / Integer.BYTES};
        Jocl.launch(gpu.queue(), kernel, items, null, access, access, 1);
        return access;
    }
}
