// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static java.lang.foreign.MemorySegment.NULL;

import io.highpage.bindings.opencl.clSetEventCallback$pfn_notify;
import io.highpage.bindings.opencl.opencl_h;
import io.highpage.device.Completion;
import io.highpage.device.DeviceView;
import io.highpage.device.Devices;
import io.highpage.device.Extent;
import io.highpage.opencl.OpenClDevice;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;

/** Asks to be told of kernels, of one that fails among them, and closes all before it is told. */
final class CallbacksMain {
    private static final long BYTES = 4096;

    private CallbacksMain() {}

    /** Takes how often a driver tells it. */
    public static void main(String[] arguments) throws Exception {
        CountDownLatch last = new CountDownLatch(Integer.parseInt(arguments[0]));
        MemorySegment notify = clSetEventCallback$pfn_notify.allocate(
                (event, status, data) -> last.countDown(), Arena.global());
        OpenClDevice device = (OpenClDevice) Devices.named("opencl:0").open();
        Extent extent = device.allocate(BYTES);
        DeviceView view = extent.view(0, BYTES);
        try (TestKernel kernel = TestKernel.compile(device, TestKernel.ADD, "add")) {
            CountDownLatch told = new CountDownLatch(4);
            Completion[] completions = new Completion[4];
            Runnable[] handOvers = new Runnable[4];
            for (int i = 0; i < completions.length; i++) {
                MemorySegment event = kernel.enqueueAdd(view, 1, BYTES / Integer.BYTES);
                completions[i] = device.completion(event);
                handOvers[i] = told::countDown;
                if (!completions[i].whenEnded(handOvers[i])) {
                    throw new AssertionError("nobody would be told");
                }
                TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
            }
            MemorySegment event = kernel.enqueueAdd(view, 1, BYTES / Integer.BYTES);
            TestKernel.check(
                    "clSetEventCallback", opencl_h.clSetEventCallback(event, 0, notify, NULL));
            device.completion(event).await();
            TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
            completions[3].forget(handOvers[3]);
            completions[3].await();
            told.countDown(); // once for this, or twice
            told.await(); // what the driver tells late is seen before
            for (int i = 0; i < 3; i++) {
                try {
                    completions[i].await();
                } catch (RuntimeException failed) {
                    System.out.println("failed: " + failed.getMessage());
                }
            }
        }
        view.release().run();
        extent.free();
        device.close();
        while (EventNotices.count() > 0) {
            Thread.sleep(1); // the thread that looks is to look once more
        }
        System.out.println("closed");
        last.await(); // and with it what came before
        System.out.println("told");
    }
}
