// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.Holder;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.device.DeviceKind;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Nothing is done to no bytes, wherever they are, by every verb: as empty operations of the JDK.
 */
class EmptyRangesTest {
    private static final int PAGE = Scene.PAGE;
    private static final int WAIT_SECONDS = 60;

    @RegisterExtension
    final AtRest rest = new AtRest();

    /** Does something with a range; a holder is looked at and closed. */
    interface Use {
        void of(PageRange range, Device device, PageRange other) throws Exception;
    }

    private static final Map<String, Use> VERBS = verbs();

    private static Map<String, Use> verbs() {
        Map<String, Use> verbs = new LinkedHashMap<>();
        verbs.put(
                "read",
                (range, device, other) ->
                        range.read(range.byteSize(), MemorySegment.ofArray(new byte[0])));
        verbs.put(
                "write",
                (range, device, other) ->
                        range.write(range.byteSize(), MemorySegment.ofArray(new long[0])));
        verbs.put("read typed", (range, device, other) -> range.read(0, new float[0]));
        verbs.put("write typed", (range, device, other) -> range.write(0, new int[0]));
        verbs.put("read nio", (range, device, other) -> range.read(0, FloatBuffer.allocate(0)));
        verbs.put("write nio", (range, device, other) -> range.write(0, FloatBuffer.allocate(0)));
        verbs.put("fill", (range, device, other) -> range.fill((byte) 1));
        verbs.put("zero", (range, device, other) -> range.fill((byte) 0));
        verbs.put("copyTo", (range, device, other) -> range.copyTo(other, other.byteSize()));
        verbs.put("copyTo it", (range, device, other) -> other.range(5, 0).copyTo(range, 0));
        verbs.put("copyTo itself", (range, device, other) -> range.copyTo(range.buffer(), 3));
        verbs.put(
                "range",
                (range, device, other) ->
                        assertThat(range.range(0, 0).offset()).isEqualTo(range.offset()));
        verbs.put("residency", (range, device, other) -> {
            assertThat(range.residency().pageCount()).isZero();
            assertThat(range.residency()).hasToString("");
            assertThat(range.residency().picture(8)).isEmpty();
        });
        verbs.put("prefetch", (range, device, other) -> nothing(range.prefetch(device)));
        verbs.put("evict", (range, device, other) -> nothing(range.evict()));
        verbs.put(
                "prefetchAsync",
                (range, device, other) ->
                        nothing(range.prefetchAsync(device).get(WAIT_SECONDS, TimeUnit.SECONDS)));
        verbs.put(
                "evictAsync",
                (range, device, other) ->
                        nothing(range.evictAsync().get(WAIT_SECONDS, TimeUnit.SECONDS)));
        for (AccessMode mode : AccessMode.values()) {
            Terms terms = Terms.defaults().mode(mode);
            verbs.put("hold " + mode, (range, device, other) -> closed(range.hold(terms)));
            verbs.put("pin " + mode, (range, device, other) -> closed(range.pin(terms)));
            verbs.put(
                    "access " + mode,
                    (range, device, other) -> closed(range.access(terms, device)));
        }
        verbs.put(
                "pin page-locked",
                (range, device, other) -> closed(range.pin(Pin.longTerm().pageLocked())));
        verbs.put(
                "pin shared",
                (range, device, other) -> closed(range.pin(Pin.longTerm().shared())));
        verbs.put(
                "pin bare",
                (range, device, other) -> closed(range.pin(Pin.longTerm().bare())));
        verbs.put(
                "tryPin",
                (range, device, other) ->
                        closed(((PinAttempt.Pinned) range.tryPin(Pin.longTerm())).pin()));
        verbs.put("pinPossible", (range, device, other) -> {
            try (PartialPin pins = range.pinPossible(Pin.longTerm())) {
                assertThat(pins.pins()).isEmpty();
                assertThat(pins.complete()).isTrue();
            }
        });
        verbs.put(
                "pinAsync",
                (range, device, other) ->
                        closed(range.pinAsync(Pin.longTerm()).get(WAIT_SECONDS, TimeUnit.SECONDS)));
        verbs.put(
                "accessAsync",
                (range, device, other) -> closed(range.accessAsync(Terms.defaults(), device)
                        .get(WAIT_SECONDS, TimeUnit.SECONDS)));
        return verbs;
    }

    private static void nothing(MoveReport report) {
        assertThat(report.complete()).isTrue();
        assertThat(report.outcomes().pageCount()).isZero();
    }

    private static void closed(Holder holder) {
        try (holder) {
            assertThat(holder.byteSize()).isZero();
            assertThat(holder.isOpen()).isTrue();
            switch (holder) {
                case Pin pin -> {
                    assertThat(pin.segment().byteSize()).isZero();
                    assertThat(pin.asByteBuffer().capacity()).isZero();
                    assertThat(pin.verify().verdict()).isEqualTo(Verification.Verdict.CONFIRMED);
                }
                case Hold hold -> {
                    assertThat(hold.segment().byteSize()).isZero();
                    assertThat(hold.pieces().next()).isFalse();
                }
                case DeviceAccess access -> {
                    assertThat(access.segment().equals(MemorySegment.NULL)
                                    || access.segment().address() == 0)
                            .isTrue();
                    assertThat(access.handle().address()).isZero();
                }
                default -> throw new AssertionError(holder);
            }
        }
        assertThat(holder.isOpen()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void everyVerb_ofNoBytes_doesNothing(DeviceKind kind) throws Exception {
        PageRuntime runtime = rest.open(Scene.device(kind)).runtime();
        Scene scene = Scene.of(runtime, "HD.BD");
        PageBuffer other = Scene.of(runtime, "DH").buffer;
        String places = scene.places();
        long size = scene.buffer.byteSize();
        for (long offset : new long[] {0, 1, PAGE, PAGE + 7, 2 * PAGE, size - 1, size}) {
            for (Map.Entry<String, Use> verb : VERBS.entrySet()) {
                String when = verb.getKey() + " of nothing at " + offset;
                try {
                    verb.getValue().of(scene.buffer.range(offset, 0), runtime.device(), other);
                } catch (Throwable failure) {
                    throw new AssertionError(when, failure);
                }
                assertThat(scene.places()).as(when).isEqualTo(places);
                assertThat(runtime.holders()).as(when).isEmpty();
                assertThat(runtime.pageLockedBytes()).as(when).isZero();
            }
        }
        scene.checkBytes("after");
    }

    @ParameterizedTest
    @EnumSource
    void everyVerb_ofNoBytes_besideAnAccessToTheSamePage_doesNothing(DeviceKind kind)
            throws Exception {
        PageRuntime runtime = rest.open(Scene.device(kind)).runtime();
        Scene scene = Scene.of(runtime, "DD");
        PageBuffer other = Scene.of(runtime, "H").buffer;
        try (DeviceAccess access = scene.buffer.access(runtime.device(), AccessMode.READ_WRITE)) {
            for (Map.Entry<String, Use> verb : VERBS.entrySet()) {
                verb.getValue().of(scene.buffer.range(100, 0), runtime.device(), other);
                assertThat(access.isOpen()).as(verb.getKey()).isTrue();
            }
        }
    }

    @Test
    void everyVerb_ofNoBytesOfAClosedBuffer_saysThatItIsClosed() {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        PageBuffer other = Scene.of(runtime, "H").buffer;
        PageBuffer buffer = runtime.allocate(PAGE);
        PageRange range = buffer.range(0, 0);
        buffer.close();
        VERBS.forEach(
                (name, verb) -> assertThatThrownBy(() -> verb.of(range, runtime.device(), other))
                        .as(name)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("is closed"));
    }

    @Test
    void nothing_outsideTheRange_isStillRefused() {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        PageBuffer buffer = runtime.allocate(2 * PAGE);
        PageRange slice = buffer.range(100, 50);
        for (long offset : new long[] {-1, 51, Long.MAX_VALUE, Long.MIN_VALUE}) {
            for (Use use : List.<Use>of(
                    (range, device, other) -> range.range(offset, 0),
                    (range, device, other) -> range.read(offset, new byte[0]),
                    (range, device, other) -> range.write(offset, new byte[0]),
                    (range, device, other) -> buffer.range(0, 0).copyTo(range, offset))) {
                assertThatThrownBy(() -> use.of(slice, runtime.device(), buffer))
                        .isExactlyInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessageContaining("offset=" + offset + " byteSize=0 ")
                        .hasMessageContaining("which has 50 bytes");
            }
        }
    }

    @Test
    void holders_ofNothing_areListed_andKeepNothing() {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        PageBuffer buffer = runtime.allocate(PAGE);
        Pin pin = buffer.range(PAGE, 0).pin(Pin.longTerm().owner("none"));
        Hold hold = buffer.range(0, 0).hold();
        DeviceAccess access = buffer.range(7, 0).access(runtime.device(), AccessMode.READ);
        assertThat(runtime.holders()).hasSize(3);
        buffer.close();
        assertThatIllegalStateException().isThrownBy(buffer::residency);
        pin.close();
        hold.close();
        access.close();
        assertThat(runtime.holders()).isEmpty();
    }

    @Test
    void kernelOfTheHostDevice_ofNothing_getsNothing() {
        for (HostDevice device :
                List.of(HostDevice.coherent(1L << 20), HostDevice.privateMemory(1L << 20))) {
            PageRuntime runtime = rest.openPlain(device);
            PageBuffer buffer = runtime.allocate(PAGE);
            try (DeviceAccess access =
                    buffer.range(PAGE, 0).access(runtime.device(), AccessMode.READ_WRITE)) {
                device.launch(access, memory -> assertThat(memory.byteSize()).isZero());
            }
        }
    }

    /**
     * It has no bytes for the CPU, but stands for some: copying nothing would lose them silently.
     */
    @Test
    void segmentOfAPrivateAccess_isNotTakenForNothing() {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.PRIVATE)).runtime();
        Scene scene = Scene.of(runtime, "DD");
        PageBuffer other = Scene.of(runtime, "H").buffer;
        try (DeviceAccess access =
                scene.buffer.range(PAGE, PAGE).access(runtime.device(), AccessMode.READ_WRITE)) {
            assertThatThrownBy(() -> other.read(0, access.segment()))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("no bytes for the CPU");
            assertThatThrownBy(() -> other.write(0, access.segment()))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("no bytes for the CPU");
        }
    }
}
