// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.bindings.opencl.opencl_h;
import io.highpage.device.DeviceView;
import io.highpage.device.Devices;
import io.highpage.opencl.OpenClDevice;
import io.highpage.outcome.AccessMode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Moves pages of {@code cl_mem} memory while kernels use others of the same buffer, and of another,
 * and checks the bytes.
 */
final class CopiesBesideKernelsMain {
    private static final long HALF = 8 * 4096;

    private CopiesBesideKernelsMain() {}

    /** Takes nothing. */
    public static void main(String[] arguments) {
        OpenClDevice device = (OpenClDevice) Devices.named("opencl-buffer:0").open();
        try (Highpage runtime = Highpage.builder().device(device).open();
                PageBuffer halves = filled(runtime, 2 * HALF);
                PageBuffer whole = filled(runtime, HALF);
                PageBuffer other = filled(runtime, HALF);
                TestKernel kernel = TestKernel.compile(device, TestKernel.ADD, "add")) {
            for (int i = 0; i < 4; i++) {
                try (DeviceAccess half = halves.range(0, HALF)
                                .access(runtime.device(), AccessMode.READ_WRITE);
                        DeviceAccess all = whole.access(runtime.device(), AccessMode.READ_WRITE)) {
                    add(kernel, half);
                    add(kernel, all);
                    bring(runtime, halves.range(HALF, HALF));
                    bring(runtime, other);
                    halves.range(HALF, HALF).evict();
                    other.evict();
                }
            }
            System.out.println("copied home " + runtime.device().traffic().bytesOut());
            System.out.println("ints " + ints(halves, 0) + " " + ints(halves, 2 * HALF - 4) + " "
                    + ints(whole, 0) + " " + ints(other, HALF - 4));
        }
    }

    /** As for a kernel that writes, so that the way home is a copy; nothing is awaited. */
    private static void bring(Highpage runtime, PageRange range) {
        try (DeviceAccess access = range.access(runtime.device(), AccessMode.READ_WRITE)) {
            access.completesWith(() -> {});
        }
    }

    private static PageBuffer filled(Highpage runtime, long bytes) {
        PageBuffer buffer = runtime.allocate(bytes);
        buffer.range(0, bytes).fill((byte) 1);
        return buffer;
    }

    private static void add(TestKernel kernel, DeviceAccess access) {
        MemorySegment event = kernel.launchAdd(
                DeviceView.handle(access.handle(), () -> {}), 3, access.byteSize() / Integer.BYTES);
        OpenClDevice.completesWith(access, event.address());
        TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
    }

    private static String ints(PageBuffer buffer, long at) {
        int[] one = new int[1];
        buffer.read(at, MemorySegment.ofArray(one));
        return Integer.toHexString(MemorySegment.ofArray(one).get(ValueLayout.JAVA_INT, 0));
    }
}
