// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_RESOURCES;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.ClFaults;
import io.highpage.internal.opencl.FaultAt;
import io.highpage.internal.opencl.FirstDevice;
import io.highpage.internal.opencl.TestRuns;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.DeviceWaitException;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.OutOfPageMemoryException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Every driver call fails once, or meets an error: what was there stays, nothing leaks, and the
 * next try works.
 */
@Tag("opencl")
class OpenClFailureTest {
    private static final long PAGE = TestRuns.PAGE;
    private static final int PAGES = 8;
    private static final int ENOUGH = 500;
    private static final int[] NO_ROOM = {-4, -5, -6, -61};
    private static final int[] GONE = {-2, -34, -36, -777, -9999};

    static ClDeviceFacts facts(OpenClMemoryMode mode) {
        ClDeviceFacts facts = FirstDevice.device();
        assumeTrue(mode.isSupported(facts.svm()), () -> facts.deviceName() + " has no " + mode);
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
        assertThat(failed)
                .contains("clGetDeviceInfo", "clCreateContext", "clCreateCommandQueue", "clFinish");
        if (mode != OpenClMemoryMode.FINE_GRAINED_SVM) { // there the CPU copies, without the driver
            assertThat(failed).contains("clWaitForEvents", "clGetEventInfo", "clReleaseEvent");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anyCall_thatAnErrorComesBefore_losesAndLeaksNothing(OpenClMemoryMode mode) {
        ClDeviceFacts facts = facts(mode);
        int n = 1;
        while (n < ENOUGH) {
            FaultAt fault = FaultAt.error(n);
            lifeOf(fault, facts, mode);
            if (!fault.hasFired()) {
                break;
            }
            n++;
        }
        assertThat(n).isGreaterThan(20).isLessThan(ENOUGH);
    }

    /**
     * Everything a device does. A step that fails is tried again, and works: the fault is used up.
     */
    private static void lifeOf(FaultAt fault, ClDeviceFacts facts, OpenClMemoryMode mode) {
        Cl cl = Cl.open(fault);
        OpenClDevice device =
                again(fault, () -> OpenClDevice.open(cl, "opencl:test", facts.device(), mode));
        assertThat(device.queue()).isNotNull(); // so it is waited for
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
        } catch (HighpageException | StackOverflowError failure) {
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

    /**
     * What gives something back: it counts as given back when it failed, and a second time it does
     * nothing.
     */
    private static void once(FaultAt fault, Runnable step) {
        boolean before = fault.hasFired();
        try {
            step.run();
        } catch (HighpageException | StackOverflowError failure) {
            assertFault(fault, before, failure);
        }
        step.run();
    }

    private static void assertFault(FaultAt fault, boolean before, Throwable failure) {
        assertThat(before).as("failed before: " + failure).isFalse();
        assertThat(fault.hasFired()).isTrue();
        assertThat(failure).hasMessageContaining(fault.failed());
        if (failure instanceof HighpageException) {
            assertThat(failure).hasMessageContaining("CL_OUT_OF_RESOURCES (-5)");
        }
    }

    @ParameterizedTest
    @EnumSource
    void allocation_withoutRoom_isOutOfMemory(OpenClMemoryMode mode) {
        ClDeviceFacts facts = facts(mode);
        for (int code : NO_ROOM) {
            int calls = callsOfOpening(facts, mode);
            FaultAt fault = new FaultAt(calls + 1, code);
            try (OpenClDevice device =
                    OpenClDevice.open(Cl.open(fault), "opencl:test", facts.device(), mode)) {
                assertThatThrownBy(() -> device.allocate(12_288))
                        .isInstanceOfSatisfying(OutOfPageMemoryException.class, failure -> {
                            assertThat(failure.device()).isTrue();
                            assertThat(failure.requestedBytes()).isEqualTo(12_288);
                        })
                        .hasMessageStartingWith("device opencl:test has no memory left: cl")
                        .hasMessageContaining("12288");
            }
            assertThat(fault.live()).isEmpty();
        }
    }

    static Extent copies(OpenClMemoryMode mode, AtomicReference<ClFaults> faults) {
        ClDeviceFacts facts = facts(mode);
        ClFaults asked = new ClFaults() {
            @Override
            public int code(String call) {
                return faults.get().code(call);
            }

            @Override
            public int codeOfRelease(String call) {
                return faults.get().codeOfRelease(call);
            }

            @Override
            public Duration patience() {
                return Duration.ofMillis(50);
            }
        };
        OpenClDevice device =
                OpenClDevice.open(Cl.open(asked), "opencl:test", facts.device(), mode);
        Extent extent = device.allocate(2 * PAGE);
        device.close(); // with the extent
        return extent;
    }

    private static ClFaults onEnqueue(int code) {
        return call -> call.startsWith("clEnqueue") ? code : 0;
    }

    @ParameterizedTest
    @EnumSource(names = "FINE_GRAINED_SVM", mode = EnumSource.Mode.EXCLUDE)
    void memoryThatIsNotThereAtItsFirstUse_isOutOfMemory(OpenClMemoryMode mode) {
        for (int code : NO_ROOM) {
            AtomicReference<ClFaults> faults = new AtomicReference<>(ClFaults.NONE);
            Extent extent = copies(mode, faults);
            faults.set(onEnqueue(code));
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> extent.zero(0, TestRuns.ofPages(0, 1)))
                        .isInstanceOfSatisfying(OutOfPageMemoryException.class, failure -> {
                            assertThat(failure.device()).isTrue();
                            assertThat(failure.requestedBytes()).isEqualTo(PAGE);
                        })
                        .hasMessageContaining("(" + code + "): offset=0 size=4096");
            }
            faults.set(ClFaults.NONE);
            extent.zero(0, TestRuns.ofPages(0, 1));
            extent.free();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "FINE_GRAINED_SVM", mode = EnumSource.Mode.EXCLUDE)
    void deviceThatIsGone_isLostForGood_andNothingRuns(OpenClMemoryMode mode) {
        for (int code : GONE) {
            AtomicReference<ClFaults> faults = new AtomicReference<>(ClFaults.NONE);
            Extent extent = copies(mode, faults);
            faults.set(onEnqueue(code));
            assertThatThrownBy(() -> extent.zero(0, TestRuns.ofPages(0, 1)))
                    .isInstanceOfSatisfying(
                            DeviceLostException.class,
                            lost -> assertThat(lost.mayStillRun()).isFalse())
                    .hasMessageStartingWith("device opencl:test is lost: clEnqueue")
                    .hasMessageContaining("(" + code + "): offset=0 size=4096");
            faults.set(ClFaults.NONE);
            assertThatThrownBy(() -> extent.zero(0, TestRuns.ofPages(0, 1)))
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageStartingWith("device opencl:test is lost: clEnqueue");
            extent.free();
        }
    }

    /** Though nobody has asked for its queue, which would be idle then. */
    @ParameterizedTest
    @EnumSource(names = "FINE_GRAINED_SVM", mode = EnumSource.Mode.EXCLUDE)
    void deviceThatIsKnownToBeLost_isNotIdle(OpenClMemoryMode mode) {
        ClDeviceFacts facts = facts(mode);
        AtomicReference<String> failing = new AtomicReference<>("none");
        Cl cl = Cl.open(call -> call.startsWith(failing.get()) ? -36 : 0);
        OpenClDevice device = OpenClDevice.open(cl, "opencl:test", facts.device(), mode);
        Extent extent = device.allocate(PAGE);
        failing.set("clEnqueue");
        assertThatThrownBy(() -> extent.zero(0, TestRuns.ofPages(0, 1)))
                .isInstanceOf(DeviceLostException.class);
        failing.set("clFinish");
        assertThatThrownBy(device::quiesce).isInstanceOf(DeviceLostException.class);
        failing.set("none");
        extent.free();
        device.close();
    }

    @ParameterizedTest
    @EnumSource(names = "FINE_GRAINED_SVM", mode = EnumSource.Mode.EXCLUDE)
    void driverThatAnswersEverythingWithOutOfResources_isALostDevice(OpenClMemoryMode mode) {
        AtomicReference<ClFaults> faults = new AtomicReference<>(ClFaults.NONE);
        Extent extent = copies(mode, faults);
        faults.set(call -> call.startsWith("clEnqueue") || call.equals("clFinish")
                ? CL_OUT_OF_RESOURCES()
                : 0);
        assertThatThrownBy(() -> extent.zero(0, TestRuns.ofPages(0, 1)))
                .isInstanceOf(DeviceLostException.class)
                .hasMessageContaining("CL_OUT_OF_RESOURCES (-5)")
                .hasMessageEndingWith("and its queue cannot be finished");
        extent.free();
    }

    @ParameterizedTest
    @EnumSource(names = "FINE_GRAINED_SVM", mode = EnumSource.Mode.EXCLUDE)
    void copyThatIsNotKnownToHaveEnded_losesTheDevice_whichKeepsItsMemory(OpenClMemoryMode mode) {
        AtomicReference<ClFaults> faults = new AtomicReference<>(ClFaults.NONE);
        List<String> calls = Collections.synchronizedList(new ArrayList<>());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = arena.allocate(2 * PAGE, PAGE);
            Extent extent = copies(mode, faults);
            faults.set(call -> {
                calls.add(call);
                return call.equals("clWaitForEvents") || call.equals("clGetEventInfo")
                        ? CL_OUT_OF_HOST_MEMORY()
                        : 0;
            });
            assertThatThrownBy(() -> extent.copyOut(0, window, TestRuns.ofPages(0, 1, 1, 1)))
                    .isInstanceOfSatisfying(
                            DeviceLostException.class,
                            lost -> assertThat(lost.mayStillRun()).isTrue())
                    .hasMessageContaining(
                            "may still run: clWaitForEvents returned CL_OUT_OF_HOST_MEMORY (-6)");
            assertThat(calls.stream().filter("clReleaseEvent"::equals))
                    .as("events given back")
                    .hasSizeGreaterThan(0)
                    .hasSize((int)
                            calls.stream().filter(OpenClFailureTest::copies).count());
            calls.clear();
            extent.free();
            assertThat(calls)
                    .as("calls to a driver that may still use the memory")
                    .isEmpty();
        }
    }

    static boolean copies(String call) {
        // Where memory is mapped, what is waited for is the end of that.
        return call.matches("clEnqueue(SVMMemcpy|ReadBuffer|UnmapMemObject|SVMUnmap)");
    }

    @ParameterizedTest
    @EnumSource(names = "FINE_GRAINED_SVM", mode = EnumSource.Mode.EXCLUDE)
    void waitThatFailsOnce_isNotTakenForTheEnd(OpenClMemoryMode mode) {
        AtomicReference<ClFaults> faults = new AtomicReference<>(ClFaults.NONE);
        Extent extent = copies(mode, faults);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = arena.allocate(2 * PAGE, PAGE).fill((byte) 9);
            extent.zero(0, TestRuns.ofPages(0, 2));
            AtomicInteger failing = new AtomicInteger(2);
            faults.set(call -> (call.equals("clWaitForEvents") || call.equals("clGetEventInfo"))
                            && failing.getAndDecrement() > 0
                    ? CL_OUT_OF_HOST_MEMORY()
                    : 0);
            extent.copyOut(0, window, TestRuns.ofPages(0, 2));
            assertThat(failing.get()).isLessThan(0);
            assertThat(window.mismatch(arena.allocate(2 * PAGE))).isEqualTo(-1);
        }
        extent.free();
    }

    @ParameterizedTest
    @EnumSource
    void idleQueue_thatCannotBeFinished_isAFailedWait_orALostDevice(OpenClMemoryMode mode) {
        ClDeviceFacts facts = facts(mode);
        AtomicInteger code = new AtomicInteger();
        Cl cl = Cl.open(call -> call.equals("clFinish") ? code.get() : 0);
        OpenClDevice device = OpenClDevice.open(cl, "opencl:test", facts.device(), mode);
        code.set(CL_OUT_OF_HOST_MEMORY());
        device.quiesce(); // nobody has asked for its queue
        assertThat(device.queue()).isNotNull();
        assertThatThrownBy(device::quiesce)
                .isInstanceOf(DeviceWaitException.class)
                .hasMessage("it is not known whether the work in its queue on device opencl:test"
                        + " has ended: clFinish failed"
                        + " with CL_OUT_OF_HOST_MEMORY (-6); what it uses stays open,"
                        + " and can be closed again");
        code.set(0);
        device.quiesce();
        for (int gone : new int[] {CL_OUT_OF_RESOURCES(), -36}) {
            code.set(gone);
            OpenClDevice other = OpenClDevice.open(cl, "opencl:test", facts.device(), mode);
            assertThat(other.queue()).isNotNull();
            assertThatThrownBy(other::quiesce)
                    .isInstanceOfSatisfying(
                            DeviceLostException.class,
                            lost -> assertThat(lost.mayStillRun()).isTrue())
                    .hasMessageContaining("clFinish failed with "
                            + (gone == -36 ? "CL_INVALID_COMMAND_QUEUE (-36)" : ""));
            other.close();
        }
        device.close();
    }

    @Test
    void otherFailure_isOfTheDevice() {
        ClDeviceFacts facts = facts(OpenClMemoryMode.BUFFER);
        FaultAt fault = new FaultAt(callsOfOpening(facts, OpenClMemoryMode.BUFFER) + 1, -12345);
        try (OpenClDevice device = OpenClDevice.open(
                Cl.open(fault), "opencl:test", facts.device(), OpenClMemoryMode.BUFFER)) {
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
