// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.FirstDevice;
import io.highpage.internal.opencl.TestKernel;
import io.highpage.internal.opencl.TestRuns;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.OutOfPageMemoryException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What every OpenCL device does, in each of its modes. */
@Tag("opencl")
class OpenClDeviceTest {
    private static final long PAGE = TestRuns.PAGE;
    private static final int PAGES = 64;
    private static final long WINDOW = PAGES * PAGE;

    // Where a slab's first aligned window may start: not at 0, not at a page of the extent.
    private static final long BASE = 3 * 128;

    private static OpenClDevice open(OpenClMemoryMode mode) {
        ClDeviceFacts facts = FirstDevice.device();
        assumeTrue(mode.isSupported(facts.svm()), () -> facts.deviceName() + " has no " + mode);
        return OpenClDevice.open("opencl:test", facts.device(), mode);
    }

    private static MemorySegment pattern(Arena arena, int seed) {
        MemorySegment window = arena.allocate(WINDOW, PAGE);
        for (long i = 0; i < WINDOW; i += Long.BYTES) {
            window.set(ValueLayout.JAVA_LONG, i, (i + 1) * 0x9E3779B97F4A7C15L * seed);
        }
        return window;
    }

    @ParameterizedTest
    @EnumSource
    void runs_thereAndBack_areIntactAndTouchNothingElse(OpenClMemoryMode mode) {
        try (OpenClDevice device = open(mode);
                Arena arena = Arena.ofConfined()) {
            Extent extent = device.allocate(WINDOW + BASE);
            MemorySegment first = pattern(arena, 3);
            MemorySegment second = pattern(arena, 5);
            TestRuns odd = TestRuns.ofPages(1, 1, 3, 7, 13, 2, 63, 1);
            extent.copyIn(BASE, first, TestRuns.ofPages(0, PAGES));
            extent.copyIn(BASE, second, odd);

            MemorySegment back = arena.allocate(WINDOW, PAGE).fill((byte) 0x5A);
            TestRuns wanted = TestRuns.ofPages(0, 5, 13, 1, 60, 4);
            extent.copyOut(BASE, back, wanted);

            for (long i = 0; i < WINDOW; i++) {
                byte expected = !wanted.contains(i)
                        ? 0x5A
                        : (odd.contains(i) ? second : first).get(ValueLayout.JAVA_BYTE, i);
                if (back.get(ValueLayout.JAVA_BYTE, i) != expected) {
                    assertThat(back.get(ValueLayout.JAVA_BYTE, i))
                            .as("byte %d", i)
                            .isEqualTo(expected);
                }
            }
            extent.free();
        }
    }

    @ParameterizedTest
    @EnumSource
    void zero_ofRuns_leavesTheOthers(OpenClMemoryMode mode) {
        try (OpenClDevice device = open(mode);
                Arena arena = Arena.ofConfined()) {
            Extent extent = device.allocate(WINDOW + BASE);
            MemorySegment full = arena.allocate(WINDOW, PAGE).fill((byte) 7);
            extent.copyIn(BASE, full, TestRuns.ofPages(0, PAGES));
            TestRuns zeroed = TestRuns.ofPages(0, 1, 5, 9, 62, 2);
            extent.zero(BASE, zeroed);
            extent.zero(
                    BASE,
                    TestRuns.ofBytes(
                            30 * PAGE + 3, 5)); // narrower than the pattern for whole pages

            MemorySegment back = arena.allocate(WINDOW, PAGE);
            extent.copyOut(BASE, back, TestRuns.ofPages(0, PAGES));
            for (long i = 0; i < WINDOW; i++) {
                boolean isZero = zeroed.contains(i) || i >= 30 * PAGE + 3 && i < 30 * PAGE + 8;
                if (back.get(ValueLayout.JAVA_BYTE, i) != (isZero ? 0 : 7)) {
                    assertThat(back.get(ValueLayout.JAVA_BYTE, i))
                            .as("byte %d", i)
                            .isEqualTo((byte) (isZero ? 0 : 7));
                }
            }
            extent.free();
        }
    }

    @ParameterizedTest
    @EnumSource
    void alternatingPages_moreThanTheEventsAtOnce_areIntact(OpenClMemoryMode mode) {
        int pages = 1_500;
        try (OpenClDevice device = open(mode);
                Arena arena = Arena.ofConfined()) {
            Extent extent = device.allocate(pages * PAGE);
            MemorySegment source = arena.allocate(pages * PAGE, PAGE);
            for (int page = 0; page < pages; page++) {
                source.asSlice(page * PAGE, PAGE).fill((byte) (page * 31 + 1));
            }
            MemorySegment back = arena.allocate(pages * PAGE, PAGE);
            TestRuns runs = TestRuns.alternating(pages);
            extent.copyIn(0, source, runs);
            extent.copyOut(0, back, runs);
            for (int run = 0; run < runs.count(); run++) {
                long at = runs.offset(run);
                assertThat(back.asSlice(at, PAGE).mismatch(source.asSlice(at, PAGE)))
                        .isEqualTo(-1);
            }
            extent.free();
        }
    }

    @ParameterizedTest
    @EnumSource
    void noRuns_isNothing(OpenClMemoryMode mode) {
        try (OpenClDevice device = open(mode);
                Arena arena = Arena.ofConfined()) {
            Extent extent = device.allocate(PAGE);
            MemorySegment window = arena.allocate(PAGE);
            extent.copyIn(0, window, TestRuns.ofPages());
            extent.copyOut(0, window, TestRuns.ofPages());
            extent.zero(0, TestRuns.ofPages());
            extent.free();
        }
    }

    @ParameterizedTest
    @EnumSource
    void kernel_onAnAlignedRange_changesThatRangeOnly(OpenClMemoryMode mode) {
        try (OpenClDevice device = open(mode);
                Arena arena = Arena.ofConfined();
                TestKernel kernel = TestKernel.compile(device, TestKernel.ADD, "add")) {
            Extent extent = device.allocate(WINDOW + PAGE);
            MemorySegment window = pattern(arena, 3);
            extent.copyIn(PAGE, window, TestRuns.ofPages(0, PAGES));
            DeviceView view = extent.view(PAGE + 5 * PAGE, 2 * PAGE);
            kernel.add(view, 41, 2 * PAGE / Integer.BYTES);
            view.release().run();
            device.quiesce();

            MemorySegment back = arena.allocate(WINDOW, PAGE);
            extent.copyOut(PAGE, back, TestRuns.ofPages(0, PAGES));
            for (long i = 0; i < WINDOW; i += Integer.BYTES) {
                int expected = window.get(ValueLayout.JAVA_INT, i)
                        + (i / PAGE == 5 || i / PAGE == 6 ? 41 : 0);
                if (back.get(ValueLayout.JAVA_INT, i) != expected) {
                    assertThat(back.get(ValueLayout.JAVA_INT, i))
                            .as("byte %d", i)
                            .isEqualTo(expected);
                }
            }
            extent.free();
        }
    }

    @ParameterizedTest
    @EnumSource
    void kernel_onTheWholeExtent_works(OpenClMemoryMode mode) {
        try (OpenClDevice device = open(mode);
                Arena arena = Arena.ofConfined();
                TestKernel kernel = TestKernel.compile(device, TestKernel.ADD, "add")) {
            Extent extent = device.allocate(PAGE);
            extent.zero(0, TestRuns.ofPages(0, 1));
            DeviceView view = extent.view(0, PAGE);
            kernel.add(view, 9, PAGE / Integer.BYTES);
            view.release().run();
            MemorySegment back = arena.allocate(PAGE);
            extent.copyOut(
                    0,
                    back,
                    TestRuns.ofPages(0, 1)); // also shows that the extent outlives its view
            assertThat(back.toArray(ValueLayout.JAVA_INT)).containsOnly(9);
            extent.free();
        }
    }

    @Test
    void view_ofFineGrainedMemory_isTheMemoryAndEndsWithIt() {
        try (OpenClDevice device = open(OpenClMemoryMode.FINE_GRAINED_SVM)) {
            Extent extent = device.allocate(2 * PAGE);
            MemorySegment view = extent.view(PAGE, 16).segment();
            assertThat(view.address()).isEqualTo(extent.address() + PAGE);
            assertThat(view.byteSize()).isEqualTo(16);
            view.set(ValueLayout.JAVA_LONG, 8, 42);
            assertThat(view.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(42);
            assertThat(device.kind()).isEqualTo(DeviceKind.COHERENT);
            extent.free();
            assertThatIllegalStateException().isThrownBy(() -> view.get(ValueLayout.JAVA_LONG, 8));
        }
    }

    @Test
    void view_ofCoarseGrainedMemory_isAnAddressThatCannotBeTouched() {
        try (OpenClDevice device = open(OpenClMemoryMode.COARSE_GRAINED_SVM)) {
            Extent extent = device.allocate(2 * PAGE);
            MemorySegment view = extent.view(PAGE, 16).segment();
            assertThat(view.address()).isEqualTo(extent.address() + PAGE);
            assertThatThrownBy(() -> view.get(ValueLayout.JAVA_BYTE, 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> view.fill((byte) 0).set(ValueLayout.JAVA_BYTE, 0, (byte) 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(device.kind()).isEqualTo(DeviceKind.PRIVATE);
            extent.free();
        }
    }

    @Test
    void view_ofABuffer_isAHandleAtTheDevicesAlignment() {
        try (OpenClDevice device = open(OpenClMemoryMode.BUFFER)) {
            Extent extent = device.allocate(2 * PAGE);
            DeviceView view = extent.view(PAGE, PAGE);
            assertThat(view.segment()).isNull();
            assertThat(view.handle().address()).isNotZero();
            assertThat(extent.address()).isZero();
            assertThat(device.kind()).isEqualTo(DeviceKind.PRIVATE);
            view.release().run();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> extent.view(PAGE + 1, 16))
                    .withMessageMatching(
                            "a kernel cannot get bytes 4097 to 4112 as a cl_mem: on this device"
                                    + " it must start at"
                                    + " a multiple of \\d+; access from byte 4096 and give the"
                                    + " kernel an offset");
            extent.free();
        }
    }

    @Test
    void accessOfABuffer_thatIsNotAligned_namesTheBytesThatWereAskedFor() {
        try (Highpage runtime =
                        Highpage.builder().device(open(OpenClMemoryMode.BUFFER)).open();
                PageBuffer before = runtime.allocate(PAGE);
                PageBuffer buffer = runtime.allocate(3 * PAGE)) {
            assertThat(before.prefetch(runtime.device()).complete()).isTrue();
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            buffer.range(PAGE + 1, 16).access(runtime.device(), AccessMode.READ))
                    .withMessageStartingWith("a kernel cannot get bytes 4097 to 4112 as a cl_mem");
        }
    }

    @ParameterizedTest
    @EnumSource
    void ranges_pastTheExtent_throwBeforeTheDriverSeesThem(OpenClMemoryMode mode) {
        try (OpenClDevice device = open(mode);
                Arena arena = Arena.ofConfined()) {
            Extent extent = device.allocate(2 * PAGE);
            MemorySegment window = arena.allocate(4 * PAGE);
            Class<IndexOutOfBoundsException> error = IndexOutOfBoundsException.class;
            assertThatThrownBy(() -> extent.view(PAGE, 2 * PAGE)).isInstanceOf(error);
            assertThatThrownBy(() -> extent.copyIn(PAGE, window, TestRuns.ofPages(0, 2)))
                    .isInstanceOf(error);
            assertThatThrownBy(() -> extent.copyOut(0, window, TestRuns.ofPages(0, 1, 2, 1)))
                    .isInstanceOf(error);
            assertThatThrownBy(
                            () -> extent.copyIn(0, window.asSlice(0, 10), TestRuns.ofPages(0, 1)))
                    .isInstanceOf(error);
            assertThatThrownBy(() -> extent.zero(2 * PAGE, TestRuns.ofPages(0, 1)))
                    .isInstanceOf(error);
            extent.free();
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyThreads_onOneDevice_keepTheirBytes(OpenClMemoryMode mode) throws Exception {
        try (OpenClDevice device = open(mode);
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Long>> mismatches = new ArrayList<>();
            for (int thread = 1; thread <= 4; thread++) {
                int seed = thread;
                mismatches.add(threads.submit(() -> roundTrips(device, seed)));
            }
            for (Future<Long> mismatch : mismatches) {
                assertThat(mismatch.get()).isEqualTo(-1);
            }
        }
    }

    private static long roundTrips(OpenClDevice device, int seed) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = pattern(arena, seed);
            MemorySegment back = arena.allocate(WINDOW, PAGE);
            for (int i = 0; i < 50; i++) {
                Extent extent = device.allocate(WINDOW);
                extent.copyIn(0, window, TestRuns.ofPages(0, 10, 10, 54));
                extent.copyOut(0, back, TestRuns.ofPages(0, 50, 50, 14));
                extent.free();
                if (back.mismatch(window) >= 0) {
                    return back.mismatch(window);
                }
            }
            return -1;
        }
    }

    @ParameterizedTest
    @EnumSource
    void allocation_outsideTheLimits_isRefused(OpenClMemoryMode mode) {
        try (OpenClDevice device = open(mode)) {
            assertThat(device.maxExtentBytes())
                    .isPositive()
                    .isLessThanOrEqualTo(device.capacityBytes());
            assertThatIllegalArgumentException().isThrownBy(() -> device.allocate(0));
            assertThatThrownBy(() -> device.allocate(device.maxExtentBytes() + 1))
                    .isInstanceOfSatisfying(OutOfPageMemoryException.class, failure -> {
                        assertThat(failure.device()).isTrue();
                        assertThat(failure.requestedBytes()).isEqualTo(device.maxExtentBytes() + 1);
                    });
        }
    }

    @ParameterizedTest
    @EnumSource
    void device_tellsWhatItIs(OpenClMemoryMode mode) {
        ClDeviceFacts facts = FirstDevice.device();
        try (OpenClDevice device = open(mode)) {
            assertThat(device.name()).isEqualTo("opencl:test");
            assertThat(device.mode()).isEqualTo(mode);
            assertThat(device.description())
                    .contains(
                            facts.platformName(),
                            facts.deviceName(),
                            facts.driverVersion(),
                            mode.toString());
            assertThat(device.context().address()).isNotZero();
            assertThat(device.queue().address()).isNotZero();
            assertThat(device.nativeDevice()).isEqualTo(facts.device());
        }
    }

    @Test
    void close_twice_isOnce_andTheDeviceIsClosed() {
        OpenClDevice device = open(OpenClMemoryMode.BUFFER);
        device.close();
        device.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> device.allocate(1))
                .withMessageContaining("opencl:test is closed");
        assertThatIllegalStateException().isThrownBy(device::quiesce);
        assertThatIllegalStateException().isThrownBy(device::queue);
    }

    @Test
    void kernel_thatDoesNotCompile_tellsTheCompilersLog() {
        try (OpenClDevice device = open(OpenClMemoryMode.BUFFER)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TestKernel.compile(
                            device, "kernel void add() { no_such_variable = 1; }", "add"))
                    .withMessageContaining("no_such_variable");
        }
    }
}
