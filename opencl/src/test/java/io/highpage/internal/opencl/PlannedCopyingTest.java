// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.device.Extent;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Copies of each length go the way that the plan has for it, unless several overlap. */
@Tag("opencl")
class PlannedCopyingTest {
    private static final long BYTES = 4L << 20;

    private static final CopyPlan PLAN = new CopyPlan(
            List.of(
                    new CopyPlan.Step(0, CopyWay.STRAIGHT),
                    new CopyPlan.Step(1L << 20, CopyWay.STAGED),
                    new CopyPlan.Step(2L << 20, CopyWay.MAPPED, CopyWay.STRAIGHT)),
            CopyWay.STRAIGHT);

    /** What is left of a plan that maps the shortest copies, where that is not safe. */
    private static final CopyPlan WITHOUT_MAPS = new CopyPlan(
                    List.of(
                            new CopyPlan.Step(0, CopyWay.MAPPED, CopyWay.STRAIGHT),
                            new CopyPlan.Step(1L << 20, CopyWay.BLOCKING),
                            new CopyPlan.Step(2L << 20, CopyWay.STAGED)),
                    CopyWay.STRAIGHT)
            .withoutMaps();

    // Staging makes three pieces at most, each mapped once for good; mapping unmaps what it mapped.
    @ParameterizedTest
    @CsvSource({
        "1, 4096, 0, 0",
        "1, 1044480, 0, 0", // a page less
        "1, 1048576, 1, 0",
        "1, 2093056, 1, 0",
        "1, 2097152, 0, 2",
        "1, 4194304, 0, 2",
        "2, 1048576, 1, 0",
        "2, 2097152, 0, 0"
    })
    void runs_goTheWayOfTheirLength(int runs, long bytes, int staged, int mapped) {
        copy(PLAN, runs, bytes, staged, mapped);
    }

    @ParameterizedTest
    @CsvSource({"1, 4096, 0", "2, 4096, 0", "2, 1048576, 0", "1, 2097152, 1", "2, 2097152, 1"})
    void runs_ofAPlanThatMayNotMap_areCopiedToo(int runs, long bytes, int staged) {
        copy(WITHOUT_MAPS, runs, bytes, staged, 0);
    }

    private static void copy(CopyPlan plan, int runs, long bytes, int staged, int mapped) {
        FaultAt none = new FaultAt(0, 0);
        ClDeviceFacts facts = FirstDevice.device();
        ClContext context = ClContext.open("opencl:test", Cl.open(none), facts);
        context.copyBy(plan);
        Extent extent = BufferExtent.allocate(context, BYTES, 4096);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment source = arena.allocate(BYTES, TestRuns.PAGE);
            for (long i = 0; i < BYTES; i += Long.BYTES) {
                source.set(ValueLayout.JAVA_LONG, i, i * 0x9E3779B97F4A7C15L);
            }
            MemorySegment back = arena.allocate(BYTES);
            extent.copyIn(0, source, TestRuns.several(runs, 0, bytes));
            extent.copyOut(0, back, TestRuns.several(runs, 0, bytes));
            assertThat(back.asSlice(0, runs * bytes).mismatch(source.asSlice(0, runs * bytes)))
                    .isEqualTo(-1);
        }
        assertThat(count(none, "clCreateBuffer") - 1 > 0).isEqualTo(staged > 0);
        assertThat(count(none, "clEnqueueUnmapMemObject")).isEqualTo(mapped);
        extent.free();
        context.close();
        assertThat(none.live()).isEmpty();
    }

    private static long count(FaultAt calls, String name) {
        return calls.calls().stream().filter(name::equals).count();
    }
}
