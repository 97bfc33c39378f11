// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.bindings.opencl.opencl_h;
import io.highpage.device.DeviceView;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.FirstDevice;
import io.highpage.internal.opencl.TestKernel;
import io.highpage.outcome.AccessMode;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Pages on an OpenCL device: brought there for a kernel, and home for a long-term pin. */
@Tag("opencl")
class OpenClPagesTest {
    private static final int PAGES = 32;

    @ParameterizedTest
    @EnumSource
    void kernel_betweenWriteAndPin_isSeenByThePin(OpenClMemoryMode mode) {
        ClDeviceFacts facts = FirstDevice.device();
        assumeTrue(mode.isSupported(facts.svm()), () -> facts.deviceName() + " has no " + mode);
        OpenClDevice device = OpenClDevice.open("opencl:test", facts.device(), mode);
        try (Highpage runtime = Highpage.builder().device(device).open();
                PageBuffer buffer = runtime.allocate(PAGES * 4096L)) {
            long page = buffer.pageBytes();
            buffer.fill((byte) 1);
            buffer.access(runtime.device(), AccessMode.READ_WRITE).close(); // as if all changed
            addInPages5And6(runtime, device, buffer);
            try (Pin pin = buffer.pin(Pin.longTerm().owner("test"))) {
                assertThat(runtime.device().traffic().bytesOut()).isEqualTo(buffer.byteSize());
                int ones = 0x01010101;
                for (long i = 0; i < buffer.byteSize(); i += page / 2) {
                    assertThat(pin.segment().get(ValueLayout.JAVA_INT, i))
                            .as("byte %d", i)
                            .isEqualTo(i / page == 5 || i / page == 6 ? ones + 41 : ones);
                }
            }
        }
    }

    private static void addInPages5And6(Highpage runtime, OpenClDevice device, PageBuffer buffer) {
        long page = buffer.pageBytes();
        try (TestKernel kernel = TestKernel.compile(device, TestKernel.ADD, "add");
                DeviceAccess access = buffer.range(5 * page, 2 * page)
                        .access(runtime.device(), AccessMode.READ_WRITE)) {
            DeviceView view = device.mode() == OpenClMemoryMode.BUFFER
                    ? DeviceView.handle(access.handle(), () -> {})
                    : DeviceView.pointer(access.segment());
            MemorySegment event = kernel.launchAdd(view, 41, 2 * page / Integer.BYTES);
            access.completesWith(device.completion(event));
            TestKernel.check("clReleaseEvent", opencl_h.clReleaseEvent(event));
        }
    }
}
