// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Highpage;
import io.highpage.Pin;
import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.Verification;
import io.highpage.testkit.faults.ForwardingDevice;
import io.highpage.testkit.faults.ForwardingExtent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Devices that say what is not so, as far as the runtime can notice. What it cannot, such as a copy
 * that reports success and has copied a part, is what {@code DeviceContract} is for; see
 * {@link DeviceMemory}.
 */
class LyingDeviceTest {
    @RegisterExtension
    final AtRest rest = new AtRest();

    /** The truth, but for what a test overrides. */
    private static class Liar extends ForwardingDevice {
        Liar() {
            super(Scene.device(DeviceKind.COHERENT));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "-1, 1", "1, 0", "4096, -4096"})
    void open_deviceWithoutMemory_isRefused(long capacity, long maxExtent) {
        try (DeviceMemory liar = new Liar() {
            @Override
            public long capacityBytes() {
                return capacity;
            }

            @Override
            public long maxExtentBytes() {
                return maxExtent;
            }
        }) {
            assertThatThrownBy(() -> Highpage.builder().device(liar).open())
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessage("device host says that it has " + capacity + " bytes, and at most "
                            + maxExtent + " in one piece; both must be positive");
        }
    }

    /** Nobody but the runtime has a device that it finds by itself. */
    @Test
    void open_deviceFoundAndRefused_isClosed() {
        AtomicBoolean closed = new AtomicBoolean();
        DeviceMemory liar = new Liar() {
            @Override
            public long capacityBytes() {
                return 0;
            }

            @Override
            public void close() {
                super.close();
                closed.set(true);
            }
        };
        DeviceInfo found = DeviceInfo.builder("host", liar.kind(), () -> liar).build();
        assertThatThrownBy(() -> PageRuntime.open(found, 1, PageRuntime.OWN_POLICY, false, 1))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasNoSuppressedExceptions();
        assertThat(closed).isTrue();
        closed.set(false);
        assertThatThrownBy(() -> PageRuntime.open(found, 1, null, false, 1))
                .isExactlyInstanceOf(NullPointerException.class)
                .hasMessage("policy")
                .hasNoSuppressedExceptions();
        assertThat(closed).isTrue();
    }

    @Test
    void extent_shorterThanAsked_isAnErrorAndGivenBack() {
        Rig rig = rest.open(new Liar() {
            @Override
            public Extent allocate(long byteSize) {
                return super.allocate(byteSize - 1);
            }
        });
        Scene scene = Scene.of(rig.runtime(), "HH");
        MoveReport report = scene.buffer.prefetch(rig.runtime().device());
        assertThat(report.failure())
                .containsInstanceOf(DeviceException.class)
                .get()
                .extracting(Throwable::getMessage)
                .asString()
                .matches("device host gave \\d+ bytes instead of \\d+, without an error; it is"
                        + " not used");
        assertThat(rig.device().openExtents()).isZero();
        assertThat(scene.buffer.residency()).hasToString("HH");
        scene.checkBytes("after");
    }

    @Test
    void view_shorterThanAsked_isAnErrorAndNothingMoves() {
        AtomicBoolean released = new AtomicBoolean();
        Rig rig = rest.open(new Liar() {
            @Override
            public Extent allocate(long byteSize) {
                return new ForwardingExtent(super.allocate(byteSize)) {
                    @Override
                    public DeviceView view(long offset, long length) {
                        return super.view(offset, length - 1).releasedBy(() -> released.set(true));
                    }
                };
            }
        });
        Scene scene = Scene.of(rig.runtime(), "H");
        assertThat(scene.buffer.prefetch(rig.runtime().device()).failure())
                .containsInstanceOf(DeviceException.class)
                .get()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("device host shows ", " for " + Scene.PAGE + " bytes");
        assertThat(released).isTrue();
        assertThat(rig.runtime().device().usedBytes()).isZero();
        scene.checkBytes("after");
    }

    /**
     * A device that is coherent at first and private later: pages there must be as they were when
     * they came.
     */
    @Test
    void kind_changing_isAskedOnce() {
        AtomicBoolean turned = new AtomicBoolean();
        Rig rig = rest.open(new Liar() {
            @Override
            public DeviceKind kind() {
                return turned.get() ? DeviceKind.PRIVATE : DeviceKind.COHERENT;
            }
        });
        Scene scene = Scene.of(rig.runtime(), "HD");
        turned.set(true);
        assertThat(rig.runtime().device().kind()).isEqualTo(DeviceKind.COHERENT);
        scene.checkBytes("turned");
        assertThat(scene.buffer.residency()).as("read in place").hasToString("HD");
        try (Pin pin = scene.buffer.pin(Pin.longTerm())) {
            assertThat(pin.verify()).matches(Verification::isConfirmed);
        }
        assertThat(scene.buffer.residency()).hasToString("HH");
    }

    /** Sizes that change are the driver's business: each request is answered by itself. */
    @Test
    void sizes_changing_failOrWorkRequestByRequest() {
        long[] most = {1L << 30};
        Rig rig = rest.open(new Liar() {
            @Override
            public long maxExtentBytes() {
                return most[0];
            }
        });
        for (long now : new long[] {0, -1, 2 * Scene.PAGE, Long.MAX_VALUE}) {
            Scene scene = Scene.of(rig.runtime(), "HH");
            most[0] = now;
            MoveReport report = scene.buffer.prefetch(rig.runtime().device());
            assertThat(report.complete()).as("%d", now).isEqualTo(now == Long.MAX_VALUE);
            scene.checkBytes("most is " + now);
            most[0] = 1L << 30;
            assertThat(scene.buffer.evict().complete()).isTrue();
        }
    }
}
