// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Highpage;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Extent;
import io.highpage.internal.copy.RunList;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A device has one owner, which alone closes it; an extent ends when it is freed. */
class DeviceOwnerTest {
    @RegisterExtension
    final AtRest rest = new AtRest();

    @ParameterizedTest
    @EnumSource
    void device_givenToASecondRuntime_isRefusedWithTheOwnerNamed(DeviceKind kind) {
        DeviceMemory device = Scene.device(kind);
        PageRuntime owner = rest.openPlain(device);
        DeviceMemory other = Scene.device(kind);
        assertThatThrownBy(() -> Highpage.builder().device(other).device(device).open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is used by " + owner);
        Scene.of(owner, "D").checkBytes("the owner goes on");
        rest.openPlain(other).close(); // it was not kept
        DeviceMemory twice = Scene.device(kind);
        assertThatThrownBy(() -> Highpage.builder().device(twice).device(twice).open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("this runtime already");
    }

    @ParameterizedTest
    @EnumSource
    void device_thatHasBeenClosed_isRefused(DeviceKind kind) {
        DeviceMemory device = Scene.device(kind);
        device.close();
        for (int i = 0; i < 2; i++) { // the first refusal keeps nothing
            assertThatThrownBy(() -> Highpage.builder().device(device).open())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("has been closed");
        }
    }

    @ParameterizedTest
    @EnumSource
    void device_closedUnderItsRuntime_refusesAndNamesIt(DeviceKind kind) {
        DeviceMemory device = Scene.device(kind);
        PageRuntime owner = rest.openPlain(device);
        Scene scene = Scene.of(owner, "DH");
        assertThatThrownBy(owner.device().memory()::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("used by " + owner);
        scene.checkBytes("after");
        owner.close();
        device.close();
        assertThatThrownBy(() -> device.allocate(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @ParameterizedTest
    @EnumSource
    void extent_usedAfterItWasFreed_throws(DeviceKind kind) {
        DeviceMemory device = Scene.device(kind);
        Extent extent = device.allocate(2 * Scene.PAGE);
        assertThatThrownBy(device::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1 of its extents");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = arena.allocate(Scene.PAGE, Scene.PAGE);
            RunList runs = RunList.one(arena, 0, Scene.PAGE);
            extent.zero(0, runs);
            MemorySegment seen = extent.view(0, Scene.PAGE).segment();
            extent.free();
            extent.free();
            assertThatThrownBy(() -> extent.copyIn(0, window, runs))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> extent.copyOut(0, window, runs))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> extent.zero(0, runs))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> extent.view(0, 1)).isInstanceOf(IllegalStateException.class);
            if (kind == DeviceKind.COHERENT) {
                assertThatThrownBy(() -> seen.fill((byte) 1))
                        .isInstanceOf(IllegalStateException.class);
            }
        }
        device.close();
        assertThat(device.name()).isNotEmpty();
    }
}
