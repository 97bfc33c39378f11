// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Hold;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.work.Background;
import io.highpage.testkit.Eventually;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.EnumSet;

/** What was pinned returns to the device that its buffer prefers: when, with whom, and when not. */
@Timeout(300)
class GoingBackTest {
    private static final int PAGE = Scene.PAGE;
    private static final EnumSet<Call> COPY_IN = EnumSet.of(Call.COPY_IN);

    @RegisterExtension
    final AtRest rest = new AtRest();

    private static void becomes(Scene scene, String places) {
        Eventually.becomes(places, () -> scene.places().equals(places));
        scene.checkBytes(places);
    }

    private static void stays(Scene scene, String places) {
        Eventually.wouldHaveLooked();
        assertThat(scene.places()).isEqualTo(places);
    }

    @ParameterizedTest
    @EnumSource
    void pinnedPages_afterThePin_returnOnceTheyAreQuiet(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "DDHH.D");
        scene.buffer.prefer(rig.runtime().device());
        assertThat(scene.buffer.preferred()).contains(rig.runtime().device());
        Pin pin = scene.buffer.range(PAGE, 2 * PAGE).pin(Pin.longTerm());
        stays(scene, "DHHH.D");
        long start = System.nanoTime();
        pin.close();
        Eventually.becomes("back", () -> scene.places().equals("DBBH.D"));
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(Background.PERIOD_NANOS);
        scene.checkBytes("back");
        scene.buffer.pin(Pin.longTerm()).close(); // absent pages are at home from now on
        becomes(scene, "BBBBBB");
    }

    @ParameterizedTest
    @EnumSource
    void pinOfAWholeBuffer_thatWasAtHome_goesBackToo(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "H".repeat(130));
        scene.buffer.prefer(rig.runtime().device());
        Pin first = scene.buffer.pin(Pin.longTerm());
        Pin second = scene.buffer.pin(Pin.longTerm());
        first.close();
        stays(scene, "H".repeat(130)); // it is not the last one
        second.close();
        becomes(scene, "B".repeat(130));
    }

    @Test
    void pages_withoutAPreference_stayAtHome() {
        Rig rig = rest.open(Scene.device(DeviceKind.PRIVATE));
        Scene scene = Scene.of(rig.runtime(), "DD");
        assertThat(scene.buffer.preferred()).isEmpty();
        scene.buffer.pin(Pin.longTerm()).close();
        assertThat(Eventually.hasThread(rig.runtime().background().toString())).isFalse();
        scene.buffer.prefer(rig.runtime().device());
        assertThat(Eventually.hasThread(rig.runtime().background().toString())).isTrue();
        scene.buffer.preferHome();
        assertThat(scene.buffer.preferred()).isEmpty();
        scene.buffer.pin(Pin.longTerm()).close();
        Eventually.becomes(
                "no thread",
                () -> !Eventually.hasThread(rig.runtime().background().toString()));
        stays(scene, "HH");
    }

    @Test
    void preference_forAnotherDevice_bringsPagesThere() {
        Rig rig = rest.open(Scene.device(DeviceKind.PRIVATE), Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DD");
        scene.buffer.prefer(rig.runtime().devices().getFirst());
        scene.buffer.prefer(rig.runtime().devices().getLast());
        scene.buffer.range(0, PAGE).pin(Pin.longTerm()).close();
        becomes(scene, "BD");
        assertThat(scene.buffer.residency().device(0))
                .contains(rig.runtime().devices().getLast());
        Rig other = rest.open(Scene.device(DeviceKind.PRIVATE));
        assertThatThrownBy(() -> scene.buffer.prefer(other.runtime().device()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("belongs to another runtime");
    }

    @ParameterizedTest
    @EnumSource
    void heldPage_goesBackAfterTheHold(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "HHH");
        scene.buffer.prefer(rig.runtime().device());
        Hold hold = scene.buffer.range(PAGE, PAGE).hold();
        scene.buffer.pin(Pin.longTerm()).close();
        becomesWhileHeld(scene);
        hold.close();
        becomes(scene, "BBB");
    }

    private static void becomesWhileHeld(Scene scene) {
        Eventually.becomes("all but the held one", () -> scene.places().equals("BHB"));
        stays(scene, "BHB");
    }

    @ParameterizedTest
    @EnumSource
    void fullDevice_keepsWhatItHas_andGetsThemWhenItHasRoom(DeviceKind kind) {
        Rig rig = rest.open(2 * PAGE, Scene.device(kind));
        Scene other = Scene.of(rig.runtime(), "DD");
        Scene scene = Scene.of(rig.runtime(), "HH");
        scene.buffer.prefer(rig.runtime().device());
        scene.buffer.pin(Pin.longTerm()).close();
        stays(scene, "HH");
        assertThat(other.places()).isEqualTo("DD");
        assertThat(rig.runtime().device().traffic().spansEvicted()).isZero();
        assertThat(other.buffer.evict().complete()).isTrue();
        becomes(scene, "BB");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void copyThatFails_isMadeAgain(int which) {
        Rig rig = rest.open(Scene.device(DeviceKind.PRIVATE));
        Scene scene = Scene.of(rig.runtime(), "HHH");
        scene.buffer.prefer(rig.runtime().device());
        rig.faults().arm(1, which == 0 ? Faults.FAIL : Faults.THROW_ERROR, COPY_IN);
        scene.buffer.pin(Pin.longTerm()).close();
        becomes(scene, "BBB");
        assertThat(rig.faults().hit()).isEqualTo(Call.COPY_IN);
    }

    @Test
    void lostDevice_losesNothingAndEndsTheThread() {
        Rig rig = rest.open(Scene.device(DeviceKind.PRIVATE));
        Scene scene = Scene.of(rig.runtime(), "HHH");
        scene.buffer.prefer(rig.runtime().device());
        rig.faults().arm(1, Faults.LOSE, COPY_IN);
        scene.buffer.pin(Pin.longTerm()).close();
        Eventually.becomes("lost", () -> rig.runtime().device().isLost());
        Eventually.becomes(
                "no thread",
                () -> !Eventually.hasThread(rig.runtime().background().toString()));
        assertThat(scene.places()).isEqualTo("HHH");
        scene.checkBytes("after the device was lost");
        scene.buffer.prefer(rig.runtime().device());
        scene.buffer.pin(Pin.longTerm()).close();
        stays(scene, "HHH");
    }

    @Test
    void closeOfTheBuffer_endsIt() {
        Rig rig = rest.open(Scene.device(DeviceKind.PRIVATE));
        for (int round = 0; round < 3; round++) {
            Scene scene = Scene.of(rig.runtime(), "HHH");
            scene.buffer.prefer(rig.runtime().device());
            scene.buffer.pin(Pin.longTerm()).close();
            Eventually.sleep(30L * round);
            scene.buffer.close();
            assertThatThrownBy(() -> scene.buffer.prefer(rig.runtime().device()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is closed");
        }
        Eventually.becomes(
                "no thread",
                () -> !Eventually.hasThread(rig.runtime().background().toString()));
    }

    @Test
    void closeOfTheRuntime_endsIt() {
        Rig rig = rest.open(Scene.device(DeviceKind.PRIVATE));
        Scene scene = Scene.of(rig.runtime(), "H".repeat(1000));
        scene.buffer.prefer(rig.runtime().device());
        Pin pin = scene.buffer.pin(Pin.longTerm());
        assertThatThrownBy(rig.runtime()::close).isInstanceOf(IllegalStateException.class);
        pin.close();
        becomes(scene, "B".repeat(1000)); // a close that was refused has ended nothing
        scene.buffer.pin(Pin.longTerm()).close();
        rig.runtime().close();
        Eventually.becomes(
                "no thread",
                () -> !Eventually.hasThread(rig.runtime().background().toString()));
        rig.checkGone();
    }
}
