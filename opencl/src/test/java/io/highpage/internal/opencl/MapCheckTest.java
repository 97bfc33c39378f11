// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_INVALID_COMMAND_QUEUE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_RESOURCES;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SUCCESS;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether a device is mapped that nobody has looked at. Drivers that lie: CopyProbeTest. */
@Tag("opencl")
class MapCheckTest {
    private static final CopyPlan.Step SHORT = new CopyPlan.Step(0, CopyWay.STAGED);
    private static final CopyPlan.Step LONG = new CopyPlan.Step(1L << 20, CopyWay.MAPPED);
    private static final CopyPlan BOTH = new CopyPlan(List.of(SHORT, LONG), CopyWay.BLOCKING);

    private static CopyPlan checked(ClContext context, CopyPlan plan) {
        return MapCheck.checked(
                plan, "test", bytes -> BufferExtent.allocate(context, bytes, 4096), () -> BOTH);
    }

    @Test
    void planThatMapsNothing_asksForNoMemory() {
        CopyPlan plan = CopyPlan.only(CopyWay.STAGED);
        assertThat(MapCheck.checked(
                        plan,
                        "test",
                        bytes -> {
                            throw new AssertionError("asked for " + bytes);
                        },
                        () -> BOTH))
                .isSameAs(plan);
    }

    @Test
    void planWithoutItsMaps_hasWhatIsLeft_orWhatIsRight_orStraight() {
        assertThat(BOTH.withoutMaps()).isEqualTo(new CopyPlan(List.of(SHORT), CopyWay.BLOCKING));
        assertThat(new CopyPlan(List.of(LONG), CopyWay.BLOCKING).withoutMaps().steps())
                .containsExactly(new CopyPlan.Step(0, CopyWay.BLOCKING));
        CopyPlan longest = new CopyPlan(
                List.of(
                        new CopyPlan.Step(0, CopyWay.MAPPED, CopyWay.STRAIGHT),
                        new CopyPlan.Step(16L << 20, CopyWay.STAGED)),
                CopyWay.STRAIGHT);
        assertThat(longest.withoutMaps().steps())
                .containsExactly(
                        new CopyPlan.Step(0, CopyWay.STRAIGHT),
                        new CopyPlan.Step(16L << 20, CopyWay.STAGED));
        assertThat(new CopyPlan(longest.steps(), null).withoutMaps().steps())
                .containsExactly(new CopyPlan.Step(16L << 20, CopyWay.STAGED));
        assertThat(CopyPlan.only(CopyWay.MAPPED).withoutMaps()).isNull();
    }

    @Test
    void deviceThatMayNotBeMapped_andCopiesRightInNoOtherWay_isRefused() {
        assertThatThrownBy(() -> MapCheck.checked(
                        CopyPlan.only(CopyWay.MAPPED),
                        "test",
                        bytes -> {
                            throw new DeviceException("no memory", null);
                        },
                        () -> CopyPlan.only(CopyWay.MAPPED)))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("memory of device test cannot be mapped, and no other way to"
                        + " copy is known to be right: whether that is safe was not found out: no"
                        + " memory;"
                        + " -Dhighpage.opencl.copy=straight uses it all the same");
    }

    @Test
    void driverThatFails_isNotMapped_andHasEverythingBack() {
        ClDeviceFacts facts = FirstDevice.device();
        FaultAt none = new FaultAt(0, 0);
        ClContext whole = ClContext.open("test", Cl.open(none), facts);
        int opened = none.calls().size();
        assertThat(checked(whole, BOTH)).isEqualTo(BOTH);
        int asked = none.calls().size();
        whole.close();
        Set<String> notMapped = new HashSet<>();
        for (int n = opened + 1; n <= asked; n++) {
            FaultAt fault = new FaultAt(n, CL_OUT_OF_RESOURCES());
            ClContext context = ClContext.open("test", Cl.open(fault), facts);
            CopyPlan plan = checked(context, BOTH);
            if (!plan.equals(BOTH)) {
                assertThat(plan).isEqualTo(BOTH.withoutMaps());
                notMapped.add(fault.failed());
            }
            context.close();
            assertThat(fault.live()).as("alive after %s failed", fault.failed()).isEmpty();
        }
        assertThat(notMapped)
                .contains("clCreateBuffer", "clCreateSubBuffer", "clEnqueueMapBuffer")
                .contains("clEnqueueFillBuffer");
    }

    @Test
    void deviceThatIsLost_isNotOpened() {
        ClDeviceFacts facts = FirstDevice.device();
        ClFaults dead = call ->
                call.equals("clEnqueueMapBuffer") ? CL_INVALID_COMMAND_QUEUE() : CL_SUCCESS();
        ClContext context = ClContext.open("test", Cl.open(dead), facts);
        assertThatThrownBy(() -> checked(context, BOTH)).isInstanceOf(DeviceLostException.class);
        context.close();
    }
}
