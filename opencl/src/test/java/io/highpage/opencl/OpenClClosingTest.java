// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.ClFaults;
import io.highpage.internal.opencl.FaultAt;
import io.highpage.internal.opencl.FirstDevice;
import io.highpage.internal.opencl.TestRuns;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceWaitException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Closing in any order: a runtime keeps its device, what is in use stays, and the last one that
 * goes gives everything back to the driver.
 */
class OpenClClosingTest {
    private static final long PAGE = TestRuns.PAGE;
    private static final TestRuns BOTH = TestRuns.ofPages(0, 2);

    private final FaultAt counts = new FaultAt(0, 0);

    private OpenClDevice open(OpenClMemoryMode mode) {
        return open(mode, counts);
    }

    private static OpenClDevice open(OpenClMemoryMode mode, ClFaults faults) {
        ClDeviceFacts facts = FirstDevice.device();
        assumeTrue(mode.isSupported(facts.svm()), () -> facts.deviceName() + " has no " + mode);
        return OpenClDevice.open(Cl.open(faults), "opencl:test", facts.device(), mode);
    }

    private static PageBuffer onDevice(Highpage runtime, int value) {
        PageBuffer buffer = runtime.allocate(2 * PAGE);
        buffer.range(0, 2 * PAGE).fill((byte) value);
        buffer.access(runtime.device(), AccessMode.READ_WRITE).close(); // no home is valid then
        return buffer;
    }

    private static byte last(PageBuffer buffer) {
        byte[] last = new byte[1];
        buffer.read(2 * PAGE - 1, MemorySegment.ofArray(last));
        return last[0];
    }

    @ParameterizedTest
    @EnumSource
    void device_ofARuntime_refusesToClose_andToBeAnothers(OpenClMemoryMode mode) {
        OpenClDevice device = open(mode);
        Highpage runtime = Highpage.builder().device(device).open();
        PageBuffer buffer = onDevice(runtime, 3);
        assertThatIllegalStateException()
                .isThrownBy(runtime.device().memory()::close)
                .withMessageStartingWith(
                        "device opencl:test cannot close: it is used by " + runtime);
        assertThatIllegalArgumentException()
                .isThrownBy(Highpage.builder().device(device)::open)
                .withMessageStartingWith("device opencl:test is used by " + runtime);
        assertThat(last(buffer)).isEqualTo((byte) 3);
        runtime.close();
        device.close();
        assertThat(counts.live()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void device_closedBeforeItsExtents_keepsWhatIsInUse(OpenClMemoryMode mode) {
        OpenClDevice device = open(mode);
        Extent extent = device.allocate(2 * PAGE);
        device.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> device.allocate(PAGE))
                .withMessage("device opencl:test is closed");
        extent.zero(0, BOTH);
        device.quiesce();
        extent.free();
        assertThat(counts.live()).isEmpty();
        assertThatIllegalStateException().isThrownBy(device::quiesce);
    }

    @ParameterizedTest
    @EnumSource
    void extent_usedAfterItWasFreed_isRefused_andFreedTwice_isOnce(OpenClMemoryMode mode) {
        OpenClDevice device = open(mode);
        Extent extent = device.allocate(2 * PAGE);
        DeviceView view = extent.view(PAGE, PAGE);
        extent.free();
        extent.free();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = arena.allocate(2 * PAGE);
            for (Runnable use : List.<Runnable>of(
                    () -> extent.copyIn(0, window, BOTH),
                    () -> extent.copyOut(0, window, BOTH),
                    () -> extent.zero(0, BOTH),
                    () -> extent.view(0, PAGE))) {
                assertThatIllegalStateException()
                        .isThrownBy(use::run)
                        .withMessage("this memory of the device has been freed");
            }
        }
        view.release().run();
        view.release().run();
        device.close();
        device.close();
        extent.free();
        assertThat(counts.live()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void extent_freedWhileItIsUsed_isThereUntilThen(OpenClMemoryMode mode) throws Exception {
        OpenClDevice device = open(mode);
        try (ExecutorService other = Executors.newSingleThreadExecutor();
                Arena arena = Arena.ofShared()) {
            MemorySegment window = arena.allocate(2 * PAGE, PAGE);
            for (int i = 0; i < 200; i++) {
                Extent extent = device.allocate(2 * PAGE);
                Future<?> copies = other.submit(() -> {
                    while (true) {
                        extent.copyIn(0, window, BOTH);
                        extent.copyOut(0, window, BOTH);
                    }
                });
                Thread.sleep(0, 50_000);
                extent.free();
                try {
                    copies.get();
                } catch (ExecutionException refused) {
                    assertThat(refused.getCause()).isInstanceOf(IllegalStateException.class);
                }
            }
        }
        device.close();
        assertThat(counts.live()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void context_staysWhileAnotherThreadGivesMemoryBack(OpenClMemoryMode mode) throws Exception {
        CountDownLatch giving = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        OpenClDevice device = open(mode, new ClFaults() {
            @Override
            public int code(String call) {
                return counts.code(call);
            }

            @Override
            public int codeOfRelease(String call) {
                int code = counts.codeOfRelease(call);
                if (call.equals("clSVMFree") || call.equals("clReleaseMemObject")) {
                    giving.countDown();
                    awaitQuietly(goOn);
                }
                return code;
            }
        });
        Extent extent = device.allocate(2 * PAGE);
        device.close();
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Future<?> first = other.submit(extent::free);
            giving.await();
            extent.free();
            List<String> meanwhile = counts.calls();
            goOn.countDown();
            first.get();
            assertThat(meanwhile).doesNotContain("clReleaseContext", "clReleaseCommandQueue");
        }
        assertThat(counts.live()).isEmpty();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "FINE_GRAINED_SVM", mode = EnumSource.Mode.EXCLUDE)
    void bytes_afterTheDeviceWasClosed_canStillBeCopiedHome(OpenClMemoryMode mode) {
        OpenClDevice device = open(mode);
        Extent extent = device.allocate(2 * PAGE);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = arena.allocate(2 * PAGE, PAGE).fill((byte) 5);
            extent.copyIn(0, window, BOTH);
            device.close();
            window.fill((byte) 0);
            extent.copyOut(0, window, BOTH);
            assertThat(window.get(ValueLayout.JAVA_BYTE, 2 * PAGE - 1)).isEqualTo((byte) 5);
        }
        extent.free();
        assertThat(counts.live()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void access_whoseWaitFails_staysOpen_andCanBeClosedAgain(OpenClMemoryMode mode) {
        ClDeviceFacts facts = FirstDevice.device();
        assumeTrue(mode.isSupported(facts.svm()), () -> facts.deviceName() + " has no " + mode);
        AtomicBoolean failing = new AtomicBoolean();
        Cl cl = Cl.open(
                call -> failing.get() && call.equals("clFinish") ? CL_OUT_OF_HOST_MEMORY() : 0);
        OpenClDevice device = OpenClDevice.open(cl, "opencl:test", facts.device(), mode);
        Highpage runtime = Highpage.builder().device(device).open();
        PageBuffer buffer = onDevice(runtime, 3);
        DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ_WRITE);
        assertThat(device.queue()).isNotNull(); // there may be work in it now
        failing.set(true);
        assertThatThrownBy(access::close).isInstanceOf(DeviceWaitException.class);
        assertThat(access.isOpen()).isTrue();
        assertThat(runtime.holders()).hasSize(1);
        assertThatIllegalStateException()
                .isThrownBy(buffer::close)
                .withMessageContaining("access of bytes 0..8192");
        failing.set(false);
        access.close();
        assertThat(access.isOpen()).isFalse();
        assertThat(last(buffer)).isEqualTo((byte) 3);
        runtime.close();
    }
}
