// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.bindings.opencl.opencl_h;
import io.highpage.device.DeviceView;
import io.highpage.device.Devices;
import io.highpage.opencl.OpenClDevice;
import io.highpage.outcome.Terms;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Kernels one after the other by events alone, then futures that wait for a kernel while all is
 * closed; the callbacks of some come when there is no runtime any more.
 */
final class EventsAtTheEndMain {
    private static final Terms TERMS = Terms.defaults();
    private static final int INTS = 4096;

    private EventsAtTheEndMain() {}

    /** Takes nothing. */
    public static void main(String[] arguments) throws Exception {
        OpenClDevice openCl = (OpenClDevice) Devices.named("opencl:0").open();
        List<CompletableFuture<DeviceAccess>> late = new ArrayList<>();
        try (Highpage runtime = Highpage.builder().device(openCl).open()) {
            PageBuffer buffer = runtime.allocate(INTS * Integer.BYTES);
            PageBuffer other = runtime.allocate(INTS * Integer.BYTES);
            Device device = runtime.device();
            try (TestKernel kernel = TestKernel.compile(openCl, TestKernel.ADD, "add")) {
                for (int i = 0; i < 4; i++) {
                    DeviceAccess access = get(buffer.accessAsync(TERMS, device));
                    MemorySegment event = add(kernel, access);
                    CompletableFuture<DeviceAccess> next =
                            other.accessAsync(TERMS, device, openCl.completion(event));
                    TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
                    get(access.closeAsync());
                    DeviceAccess second = get(next);
                    TestKernel.check(
                            "clReleaseEvent", opencl_h.clReleaseEvent(add(kernel, second)));
                    get(second.closeAsync());
                }
                print(other);
                DeviceAccess last = get(buffer.accessAsync(TERMS, device));
                MemorySegment event = add(kernel, last);
                for (int i = 0; i < 8; i++) {
                    late.add(other.accessAsync(TERMS, device, openCl.completion(event)));
                }
                late.get(0).cancel(true);
                last.closeAsync();
                last.close(); // before the driver says anything
                TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
            }
            print(buffer);
            buffer.close();
            other.close();
        }
        for (CompletableFuture<DeviceAccess> each : late) {
            if (!each.isDone()) {
                throw new AssertionError("a future is open, the runtime is closed");
            }
        }
        System.out.println("closed");
        // What was forgotten is given back when it is seen to have ended, by the thread that looks,
        // which ends then.
        while (EventNotices.count() > 0 || isLooking()) {
            Thread.sleep(1);
        }
    }

    private static boolean isLooking() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("highpage-events"));
    }

    private static void print(PageBuffer buffer) {
        int[] ints = new int[INTS];
        buffer.read(0, MemorySegment.ofArray(ints));
        System.out.println("ints " + ints[0] + " " + ints[INTS - 1]);
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private static MemorySegment add(TestKernel kernel, DeviceAccess access) {
        MemorySegment event = kernel.enqueueAdd(DeviceView.pointer(access.segment()), 3, INTS);
        OpenClDevice.completesWith(access, event.address());
        return event;
    }
}
