// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.Keeper;
import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.Registration;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Verification;
import io.highpage.testkit.faults.Faults;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.EnumSet;

class PartialPinTest {
    @RegisterExtension
    final AtRest rest = new AtRest();

    private static void checkPins(Scene scene, PartialPin partial) {
        for (Pin pin : partial.pins()) {
            assertThat(pin.verify()).matches(Verification::isConfirmed);
            MemorySegment expected =
                    MemorySegment.ofArray(scene.bytes).asSlice(pin.offset(), pin.byteSize());
            assertThat(pin.segment().mismatch(expected)).isEqualTo(-1);
        }
    }

    @Test
    void pinPossible_withKeptPages_pinsTheRestAndNamesEachReason() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DDHDD.DD");
        try (Hold hold = scene.buffer.range(Scene.PAGE, 1).hold();
                DeviceAccess access = scene.buffer
                        .range(6 * Scene.PAGE, Scene.PAGE)
                        .access(rig.runtime().device(), AccessMode.READ);
                PartialPin partial = scene.buffer
                        .range(100, 8 * Scene.PAGE - 200)
                        .pinPossible(Pin.longTerm().owner("part"))) {
            assertThat(partial.complete()).isFalse();
            assertThat(partial.outcomes())
                    .hasToString("page 0 already in place, page 1 held, pages 2-5 already in place,"
                            + " page 6 accessed by a device, page 7 already in place");
            assertThat(partial.pins())
                    .extracting(Pin::offset)
                    .containsExactly(100L, 2L * Scene.PAGE, 7L * Scene.PAGE);
            assertThat(partial.pins())
                    .extracting(Pin::byteSize)
                    .containsExactly(Scene.PAGE - 100L, 4L * Scene.PAGE, Scene.PAGE - 100L);
            checkPins(scene, partial);
            assertThat(scene.buffer.residency()).hasToString("HDHHHHDH");
            partial.pins().get(1).close();
            assertThat(scene.buffer.prefetch(rig.runtime().device()).movedPages())
                    .isEqualTo(4);
        }
        assertThat(rig.runtime().holders()).isEmpty();
        scene.checkBytes("after");
    }

    @Test
    void close_ofPinsOfWhichTheFirstIsRegistered_closesAllOthersAndGoesOnLater() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HDHDH");
        try (DeviceAccess one = scene.buffer
                        .range(Scene.PAGE, 1)
                        .access(rig.runtime().device(), AccessMode.READ);
                DeviceAccess two = scene.buffer
                        .range(3 * Scene.PAGE, 1)
                        .access(rig.runtime().device(), AccessMode.READ)) {
            PartialPin partial = scene.buffer.pinPossible(Pin.longTerm());
            Registration kept = partial.pins().getFirst().register(Keeper.named("ring"));
            assertThatThrownBy(partial::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("ring");
            assertThat(partial.pins()).extracting(Pin::isOpen).containsExactly(true, false, false);
            kept.close();
            partial.close();
            assertThat(partial.pins()).noneMatch(Pin::isOpen);
        }
    }

    @Test
    void pinPossible_ofFreePages_isOnePinOfAll() {
        for (DeviceKind kind : DeviceKind.values()) {
            Rig rig = rest.open(Scene.device(kind));
            Scene scene = Scene.of(rig.runtime(), "DH.D");
            try (PartialPin partial = scene.buffer.pinPossible(Pin.longTerm())) {
                assertThat(partial.complete()).isTrue();
                assertThat(partial.pins()).hasSize(1);
                checkPins(scene, partial);
            }
        }
    }

    @Test
    void pinPossible_whereACopyFails_keepsWhatIsHomeAndTriesTheRestOnce() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HDDHDH");
        rig.faults().arm(1, Faults.FAIL, EnumSet.of(Faults.Call.COPY_OUT));
        try (PartialPin partial = scene.buffer.pinPossible(Pin.longTerm())) {
            assertThat(partial.outcomes().count(PageOutcome.COPY_FAILED)).isEqualTo(3);
            assertThat(partial.outcomes().count(PageOutcome.IN_PLACE)).isEqualTo(3);
            assertThat(partial.pins()).hasSize(3);
            checkPins(scene, partial);
            assertThat(scene.buffer.residency()).hasToString("HDDHDH");
        }
        rig.faults().disarm();
        scene.checkBytes("after");
    }

    @Test
    void pinPossible_whereADeviceIsLost_pinsWhatIsAtHome() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HDDH");
        rig.faults().arm(1, Faults.LOSE, EnumSet.of(Faults.Call.COPY_OUT));
        try (PartialPin partial = scene.buffer.pinPossible(Pin.longTerm())) {
            assertThat(partial.outcomes().count(PageOutcome.DEVICE_LOST)).isEqualTo(2);
            assertThat(partial.pins()).hasSize(2);
            checkPins(scene, partial);
            assertThat(scene.buffer.residency()).hasToString("HxxH");
        }
    }

    @Test
    void pinPossible_whereOneBug_givesEverythingBack() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HDHD");
        rig.faults().arm(1, Faults.BUG, EnumSet.of(Faults.Call.COPY_OUT));
        assertThatThrownBy(() -> scene.buffer.pinPossible(Pin.longTerm()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("injected");
        rig.faults().disarm();
        assertThat(scene.buffer.residency()).hasToString("HDHD");
        assertThat(scene.buffer.prefetch(rig.runtime().device()).complete()).isTrue();
        scene.checkBytes("after");
    }

    @Test
    void pinPossible_inAnInterruptedThread_waitsForNothingAndKeepsTheStatus() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DHD");
        Hold[] other = new Hold[1];
        Thread holder = Thread.ofPlatform()
                .start(() -> other[0] = scene.buffer
                        .range(0, 1)
                        .hold(io.highpage.outcome.Terms.defaults().shared()));
        try {
            holder.join();
            Thread.currentThread().interrupt();
            try (PartialPin partial =
                    scene.buffer.pinPossible(Pin.longTerm().deadline(Duration.ofDays(1)))) {
                assertThat(partial.outcomes().of(0)).isEqualTo(PageOutcome.INTERRUPTED);
                assertThat(partial.outcomes().count(PageOutcome.IN_PLACE)).isEqualTo(2);
            }
            assertThat(Thread.interrupted()).isTrue();
        } catch (InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        } finally {
            other[0].close();
        }
    }

    @Test
    void pinPossible_ofAClosedBuffer_isRefused() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DH");
        scene.buffer.close();
        assertThatThrownBy(() -> scene.buffer.range(0, 1).pinPossible(Pin.longTerm()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("buffer 1 is closed");
    }
}
