// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Device;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceKind;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.Residency;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;
import io.highpage.testkit.faults.FaultyDevice;
import io.highpage.testkit.faults.FaultyHostMemory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.EnumSet;
import java.util.List;

/**
 * A device that is lost and may still read and write a buffer's home: that memory is never anybody
 * else's again.
 */
class StillAtWorkTest {
    private static final Faults.Action HANGS = call -> {
        throw new DeviceLostException("injected: no answer at " + call, null, true);
    };

    private final Faults faults = new Faults();
    private final FaultyDevice device = new FaultyDevice(Scene.device(DeviceKind.PRIVATE), faults);
    private final FaultyHostMemory hostMemory = new FaultyHostMemory(faults);
    private final PageRuntime runtime =
            PageRuntime.open(List.of(device), Long.MAX_VALUE, hostMemory);

    @ParameterizedTest
    @EnumSource(names = {"COPY_IN", "COPY_OUT"})
    void homeOfACopyThatMayStillRun_staysMapped_whenAllIsClosed(Call call) {
        Scene scene = Scene.of(runtime, call == Call.COPY_IN ? "HH" : "DD");
        Scene other = Scene.of(runtime, "HH");
        faults.arm(1, HANGS, EnumSet.of(call));
        MoveReport report = call == Call.COPY_IN
                ? scene.buffer.prefetch(runtime.device())
                : scene.buffer.evict();
        assertThat(report.failure())
                .get()
                .isInstanceOfSatisfying(
                        DeviceLostException.class,
                        lost -> assertThat(lost.mayStillRun()).isTrue());
        assertThat(runtime.device().isLost()).isTrue();
        assertThat(scene.buffer.residency().of(0))
                .isEqualTo(call == Call.COPY_IN ? Residency.HOST : Residency.LOST);
        scene.checkBytes("after the loss");
        other.checkBytes("after the loss");
        scene.buffer.close();
        other.buffer.close();
        runtime.close();
        assertThat(hostMemory.openMappings())
                .as("the home of the copy, and nothing else")
                .isOne();
    }

    @Test
    void homeOfACopyBetweenBuffersThatMayStillRun_staysMapped() {
        Scene there = Scene.of(runtime, "DD");
        Scene home = Scene.of(runtime, "HH");
        faults.arm(1, HANGS, EnumSet.of(Call.COPY_OUT));
        assertThatThrownBy(() -> there.buffer.range(0, 2L * Scene.PAGE).copyTo(home.buffer, 0))
                .isInstanceOf(DeviceLostException.class);
        there.buffer.close();
        home.buffer.close();
        runtime.close();
        assertThat(hostMemory.openMappings()).isOne();
    }

    @Test
    void coherentMemoryOfACopyBetweenBuffersThatMayStillRun_isNobodyElsesAgain() {
        runtime.close();
        FaultyDevice hanging = new FaultyDevice(Scene.device(DeviceKind.PRIVATE), faults);
        FaultyDevice coherent = new FaultyDevice(Scene.device(DeviceKind.COHERENT), new Faults());
        try (PageRuntime both =
                PageRuntime.open(List.of(hanging, coherent), 4L * Scene.PAGE, hostMemory)) {
            Scene from = Scene.of(both, "DD");
            Device second = both.devices().get(1);
            Scene to = Scene.of(both, second, "DD");
            faults.arm(1, HANGS, EnumSet.of(Call.COPY_OUT));
            assertThatThrownBy(() -> from.buffer.range(0, 2L * Scene.PAGE).copyTo(to.buffer, 0))
                    .isInstanceOf(DeviceLostException.class);
            to.buffer.evict();
            assertThat(second.usedBytes()).isZero();
            Scene next = Scene.of(both, second, "DD");
            next.checkBytes("in other memory");
            PageBuffer last = both.allocate(2L * Scene.PAGE);
            last.range(0, 2L * Scene.PAGE).fill((byte) 1);
            assertThat(last.prefetch(second).complete())
                    .as("half of the limit is kept")
                    .isFalse();
        }
        assertThat(coherent.openExtents())
                .as("the extent of the copy, and no other")
                .isOne();
        assertThat(coherent.isClosed()).as("whose memory may be in use").isFalse();
        assertThat(hanging.isClosed()).isTrue();
    }
}
