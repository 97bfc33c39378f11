// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_NOT_AVAILABLE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_OBJECT_ALLOCATION_FAILURE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_RESOURCES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.DeviceException;
import io.highpage.DeviceLostException;
import io.highpage.HighpageException;
import io.highpage.OutOfPageMemoryException;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.FaultAt;
import io.highpage.internal.opencl.RequireOpenCl;
import io.highpage.internal.opencl.TestRuns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every driver call fails once: what was there stays, nothing leaks, and the next try works. */
class OpenClFailureTest {
    private static final long PAGE = TestRuns.PAGE;
    private static final int PAGES = 8;
    private static final int ENOUGH = 500;

    private static ClDeviceFacts facts(OpenClMemoryMode mode) {
        ClDeviceFacts facts = RequireOpenCl.device();
        assumeTrue(facts.supports(mode), () -> facts.deviceName() + " has no " + mode);
        return facts;
    }

    @ParameterizedTest
    @EnumSource
    void anyCall_failing_losesAndLeaksNothing(OpenClMemoryMode mode) {
        ClDeviceFacts facts = facts(mode);
        Set<String> failed = new HashSet<>();
        int n = 1;
        while (n < ENOUGH) {
            FaultAt fault = new FaultAt(n, CL_OUT_OF_RESOURCES());
            lifeOf(fault, facts, mode);
            if (!fault.hasFired()) {
                break;
            }
            failed.add(fault.failed());
            n++;
        }
        assertThat(n).isGreaterThan(20).isLessThan(ENOUGH);
        assertThat(failed).contains("clGetDeviceInfo", "clCreateContext", "clCreateCommandQueue", "clFinish");
        if (mode != OpenClMemoryMode.FINE_GRAINED_SVM) { // there the CPU copies, without the driver
            assertThat(failed).contains("clWaitForEvents", "clGetEventInfo", "clReleaseEvent");
        }
    }

    /** Everything a device does. A step that fails is tried again, and works: the fault is used up. */
    private static void lifeOf(FaultAt fault, ClDeviceFacts facts, OpenClMemoryMode mode) {
        Cl cl = Cl.open(fault);
        OpenClDevice device = again(fault, () -> OpenClDevice.open(cl, "opencl:test", facts.device(), mode));
        try (Arena arena = Arena.ofConfined()) {
            TestRuns runs = TestRuns.ofPages(0, 2, 3, 1, 5, 3);
            TestRuns all = TestRuns.ofPages(0, PAGES);
            MemorySegment window = arena.allocate(PAGES * PAGE, PAGE).fill((byte) 3);
            MemorySegment back = arena.allocate(PAGES * PAGE, PAGE);
            Extent extent = again(fault, () -> device.allocate(PAGES * PAGE));
            again(fault, () -> extent.zero(0, all));
            again(fault, () -> extent.copyIn(0, window, runs));
            assertThat(window.mismatch(arena.allocate(PAGES * PAGE).fill((byte) 3)))
                    .as("the source after %s failed", fault.hasFired() ? fault.failed() : "nothing")
                    .isEqualTo(-1);
            again(fault, () -> extent.copyOut(0, back, all));
            for (int page = 0; page < PAGES; page++) {
                assertThat(back.get(java.lang.foreign.ValueLayout.JAVA_BYTE, page * PAGE + 77))
                        .isEqualTo((byte) (runs.contains(page * PAGE) ? 3 : 0));
            }
            DeviceView whole = again(fault, () -> extent.view(0, PAGES * PAGE));
            DeviceView part = again(fault, () -> extent.view(PAGE, PAGE));
            again(fault, device::quiesce);
            once(fault, part.release());
            once(fault, whole.release());
            once(fault, extent::free);
        }
        once(fault, device::close);
        assertThat(fault.live())
                .as("alive after %s failed", fault.hasFired() ? fault.failed() : "nothing")
                .isEmpty();
    }

    private static <T> T again(FaultAt fault, Supplier<T> step) {
        boolean before = fault.hasFired();
        try {
            return step.get();
        } catch (HighpageException failure) {
            assertFault(fault, before, failure);
            return step.get();
        }
    }

    private static void again(FaultAt fault, Runnable step) {
        again(fault, () -> {
            step.run();
            return null;
        });
    }

    /** What gives something back is not tried again: it counts as given back. */
    private static void once(FaultAt fault, Runnable step) {
        boolean before = fault.hasFired();
        try {
            step.run();
        } catch (HighpageException failure) {
            assertFault(fault, before, failure);
        }
    }

    private static void assertFault(FaultAt fault, boolean before, HighpageException failure) {
        assertThat(before).as("failed before: " + failure).isFalse();
        assertThat(fault.hasFired()).isTrue();
        assertThat(failure).hasMessageContaining(fault.failed()).hasMessageContaining("CL_OUT_OF_RESOURCES (-5)");
    }

    @ParameterizedTest
    @EnumSource
    void allocation_withoutRoom_isOutOfMemory(OpenClMemoryMode mode) {
        ClDeviceFacts facts = facts(mode);
        for (int code : new int[] {CL_MEM_OBJECT_ALLOCATION_FAILURE(), CL_OUT_OF_HOST_MEMORY()}) {
            int calls = callsOfOpening(facts, mode);
            FaultAt fault = new FaultAt(calls + 1, code);
            try (OpenClDevice device = OpenClDevice.open(Cl.open(fault), "opencl:test", facts.device(), mode)) {
                assertThatThrownBy(() -> device.allocate(12_288))
                        .isInstanceOfSatisfying(OutOfPageMemoryException.class, failure -> {
                            assertThat(failure.device()).isTrue();
                            assertThat(failure.requestedBytes()).isEqualTo(12_288);
                        })
                        .hasMessageContaining("12288");
            }
            assertThat(fault.live()).isEmpty();
        }
    }

    @Test
    void deviceThatIsGone_isLost() {
        ClDeviceFacts facts = facts(OpenClMemoryMode.BUFFER);
        for (int code : new int[] {CL_DEVICE_NOT_AVAILABLE(), -9999}) {
            int calls = callsOfOpening(facts, OpenClMemoryMode.BUFFER);
            FaultAt fault = new FaultAt(calls + 2, code);
            try (OpenClDevice device =
                    OpenClDevice.open(Cl.open(fault), "opencl:test", facts.device(), OpenClMemoryMode.BUFFER)) {
                Extent extent = device.allocate(PAGE);
                assertThatThrownBy(() -> extent.zero(0, TestRuns.ofPages(0, 1)))
                        .isInstanceOf(DeviceLostException.class)
                        .hasMessageContaining("clEnqueueFillBuffer")
                        .hasMessageContaining("size=4096");
                extent.free();
            }
        }
    }

    @Test
    void otherFailure_isOfTheDevice() {
        ClDeviceFacts facts = facts(OpenClMemoryMode.BUFFER);
        FaultAt fault = new FaultAt(callsOfOpening(facts, OpenClMemoryMode.BUFFER) + 1, -12345);
        try (OpenClDevice device =
                OpenClDevice.open(Cl.open(fault), "opencl:test", facts.device(), OpenClMemoryMode.BUFFER)) {
            assertThatThrownBy(() -> device.allocate(PAGE))
                    .isExactlyInstanceOf(DeviceException.class)
                    .hasMessage("clCreateBuffer failed with an unknown code (-12345): size=4096");
        }
    }

    private static int callsOfOpening(ClDeviceFacts facts, OpenClMemoryMode mode) {
        FaultAt none = new FaultAt(0, 0);
        OpenClDevice device = OpenClDevice.open(Cl.open(none), "opencl:test", facts.device(), mode);
        int calls = none.calls().size();
        device.close();
        return calls;
    }
}
