// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Refusal;
import io.highpage.testkit.faults.Faults;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.EnumSet;

class TryPinTest {
    @RegisterExtension
    final AtRest rest = new AtRest();

    private static Refusal refusal(PinAttempt attempt) {
        return switch (attempt) {
            case PinAttempt.Refused(Refusal why) -> why;
            case PinAttempt.Pinned(Pin pin) -> throw new AssertionError("pinned: " + pin);
        };
    }

    @Test
    void tryPin_ofBusyPages_tellsWhatTheExceptionWouldTell() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HDH");
        try (DeviceAccess access = scene.buffer
                .range(Scene.PAGE, Scene.PAGE)
                .access(rig.runtime().device(), AccessMode.READ)) {
            assertThat(access.isOpen()).isTrue();
            Refusal why = refusal(scene.buffer.tryPin(Pin.longTerm()));
            assertThat(why.page()).isEqualTo(1);
            assertThat(why.reason()).isEqualTo(PageOutcome.ACCESSED);
            assertThat(why.isBusy()).isTrue();
            assertThat(why.cause()).isEmpty();
            assertThat(why.outcomes().orElseThrow())
                    .hasToString("page 0 already in place, page 1 accessed by a device,"
                            + " page 2 already in place");
            assertThat(why.message())
                    .contains("long-term pin of pages 0-2 of buffer ")
                    .contains("page 1 is accessed by a device (access of bytes ");
        }
    }

    @Test
    void orElseThrow_ofARefusal_throwsWhatPinThrows() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HDH");
        try (DeviceAccess access = scene.buffer
                .range(Scene.PAGE, Scene.PAGE)
                .access(rig.runtime().device(), AccessMode.READ)) {
            PinAttempt attempt = scene.buffer.range(0, 3 * Scene.PAGE).tryPin(Pin.longTerm());
            String message = refusal(attempt).message();
            assertThatThrownBy(attempt::orElseThrow)
                    .isInstanceOfSatisfying(PagesBusyException.class, busy -> {
                        assertThat(busy.page()).isEqualTo(1);
                        assertThat(busy.reason()).isEqualTo(PageOutcome.ACCESSED);
                        assertThat(busy.outcomes()).isEqualTo(refusal(attempt).outcomes());
                    })
                    .hasMessage(message);
            assertThatThrownBy(() -> scene.buffer.pin(Pin.longTerm())).hasMessage(message);
            assertThat(access.isOpen()).isTrue();
        }
        try (Pin pin = scene.buffer.tryPin(Pin.longTerm()).orElseThrow()) {
            assertThat(pin.byteSize()).isEqualTo(scene.buffer.byteSize());
        }
    }

    @Test
    void tryPin_whereADeviceFails_hasItsExceptionAsTheCause() {
        Rig rig = rest.open(Scene.device(DeviceKind.PRIVATE));
        Scene scene = Scene.of(rig.runtime(), "DD");
        rig.faults().arm(1, Faults.FAIL, EnumSet.of(Faults.Call.COPY_OUT));
        Refusal why = refusal(scene.buffer.tryPin(Pin.longTerm()));
        assertThat(why.reason()).isEqualTo(PageOutcome.COPY_FAILED);
        assertThat(why.isBusy()).isFalse();
        assertThat(why.cause()).containsInstanceOf(DeviceException.class);
        assertThat(why.toException())
                .isExactlyInstanceOf(DeviceException.class)
                .hasMessage(why.message())
                .hasCause(why.cause().orElseThrow());
    }
}
