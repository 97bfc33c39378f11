// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.device.Extent;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.OutOfPageMemoryException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** Copies by way of staging memory: more than fits, from more threads than there are pieces. */
@Tag("opencl")
class StagedCopyingTest {
    private static final long BYTES = 30L << 20; // more than three pieces, and not a multiple

    /** A multiple of what any driver asks of sub-buffers, in bytes; offsets here are none of it. */
    private static final long ALIGNMENT = 4096;

    private static final CopyPlan STRAIGHT_TOO =
            new CopyPlan(List.of(new CopyPlan.Step(0, CopyWay.STAGED)), CopyWay.STRAIGHT);

    private static ClContext open(ClFaults faults, CopyPlan plan) {
        ClDeviceFacts facts = FirstDevice.device(); // first: it says where there is none
        ClContext context = ClContext.open("opencl:test", Cl.open(faults), facts);
        context.copyBy(plan);
        return context;
    }

    private static MemorySegment pattern(Arena arena, long bytes, long seed) {
        MemorySegment window = arena.allocate(bytes, TestRuns.PAGE);
        for (long i = 0; i < bytes; i += Long.BYTES) {
            window.set(ValueLayout.JAVA_LONG, i, (i + seed) * 0x9E3779B97F4A7C15L);
        }
        return window;
    }

    @ParameterizedTest
    @EnumSource(names = {"STAGED", "WRAPPED"})
    void largeCopies_ofRunsOfAllLengths_areIntactAndTouchNothingElse(CopyWay way) {
        FaultAt none = new FaultAt(0, 0);
        ClContext context = open(none, CopyPlan.only(way));
        Extent extent = BufferExtent.allocate(context, BYTES + 1000, ALIGNMENT);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment source = pattern(arena, BYTES, 1);
            MemorySegment back = arena.allocate(BYTES).fill((byte) 0x5A);
            extent.copyIn(1000, source, TestRuns.ofBytes(0, BYTES));
            TestRuns runs = TestRuns.ofPages(0, 1, 2, 1200, 1203, 3, 1300, 5000, 6400, 1270);
            extent.copyOut(1000, back, runs);
            for (long i = 0; i < BYTES; i++) {
                byte expected = runs.contains(i) ? source.get(ValueLayout.JAVA_BYTE, i) : 0x5A;
                if (back.get(ValueLayout.JAVA_BYTE, i) != expected) {
                    assertThat(back.get(ValueLayout.JAVA_BYTE, i))
                            .as("byte %d", i)
                            .isEqualTo(expected);
                }
            }
        }
        extent.free();
        context.close();
        assertThat(none.live()).isEmpty();
        assertThat(none.calls().stream().filter("clEnqueueMapBuffer"::equals)).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void moreThreadsThanPieces_waitOrGoStraight_andKeepTheirBytes(boolean straightToo)
            throws Exception {
        CopyPlan plan = straightToo ? STRAIGHT_TOO : CopyPlan.only(CopyWay.STAGED);
        FaultAt none = new FaultAt(0, 0);
        ClContext context = open(none, plan);
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Long>> mismatches = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                long seed = i;
                mismatches.add(threads.submit(() -> roundTrips(context, seed)));
            }
            for (Future<Long> mismatch : mismatches) {
                assertThat(mismatch.get()).isEqualTo(-1);
            }
        }
        context.close();
        assertThat(none.live()).isEmpty();
        assertThat(none.calls().stream().filter("clEnqueueMapBuffer"::equals)).hasSizeBetween(1, 6);
    }

    private static long roundTrips(ClContext context, long seed) {
        long bytes = 3 << 20;
        Extent extent = BufferExtent.allocate(context, bytes, ALIGNMENT);
        try (Arena arena = Arena.ofShared()) {
            for (int i = 0; i < 10; i++) {
                MemorySegment source = pattern(arena, bytes, seed * 100 + i);
                MemorySegment back = arena.allocate(bytes);
                extent.copyIn(0, source, TestRuns.ofBytes(0, bytes));
                extent.copyOut(0, back, TestRuns.ofBytes(0, bytes));
                if (back.mismatch(source) >= 0) {
                    return back.mismatch(source);
                }
            }
            return -1;
        } finally {
            extent.free();
        }
    }

    private static final ClFaults REFUSED =
            call -> call.equals("clEnqueueMapBuffer") ? CL_OUT_OF_HOST_MEMORY() : 0;

    @Test
    void refusedStagingMemory_isTheDriversFailure_andNoLackOfDeviceMemory() {
        ClContext context = open(REFUSED, CopyPlan.only(CopyWay.STAGED));
        Extent extent = BufferExtent.allocate(context, TestRuns.PAGE, ALIGNMENT);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = arena.allocate(TestRuns.PAGE);
            for (int i = 0; i < 10; i++) { // more often than there are pieces: none is used up
                assertThatThrownBy(() -> extent.copyIn(0, window, TestRuns.ofPages(0, 1)))
                        .isInstanceOf(DeviceException.class)
                        .isNotInstanceOf(OutOfPageMemoryException.class)
                        .hasMessage("device opencl:test has no memory to stage copies in:"
                                + " clEnqueueMapBuffer failed with CL_OUT_OF_HOST_MEMORY (-6):"
                                + " size=4194304; -Dhighpage.opencl.copy=straight copies without");
            }
        }
        extent.free();
        context.close();
    }

    /** Nothing of the piece can be at work then. */
    @ParameterizedTest
    @ValueSource(strings = {"clCreateBuffer", "clEnqueueMapBuffer"})
    void refusedStagingMemory_beforeAQueueThatCannotBeFinished_losesNoDevice(String refused) {
        AtomicBoolean fails = new AtomicBoolean();
        ClContext context = open(
                call -> fails.get() && List.of(refused, "clFinish").contains(call)
                        ? CL_OUT_OF_HOST_MEMORY()
                        : 0,
                CopyPlan.only(CopyWay.WRAPPED));
        Extent extent = BufferExtent.allocate(context, TestRuns.PAGE, ALIGNMENT);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = arena.allocate(TestRuns.PAGE);
            fails.set(true);
            assertThatThrownBy(() -> extent.copyIn(0, window, TestRuns.ofPages(0, 1)))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining(refused + " failed with CL_OUT_OF_HOST_MEMORY (-6)");
            fails.set(false);
            extent.copyIn(0, window, TestRuns.ofPages(0, 1));
        }
        assertThat(context.isAbandoned()).isFalse();
        extent.free();
        context.close();
    }

    @Test
    void refusedStagingMemory_whereStraightIsRight_isDoneWithout() {
        ClContext context = open(REFUSED, STRAIGHT_TOO);
        assertThat(roundTrips(context, 7)).isEqualTo(-1);
        context.close();
    }
}
