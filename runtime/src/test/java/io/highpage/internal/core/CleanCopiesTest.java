// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;

/** Bytes that are valid at home and on a device: how that comes to be, what it saves, its end. */
class CleanCopiesTest {
    private static final int PAGE = Scene.PAGE;
    private static final Terms READ = Terms.defaults().mode(AccessMode.READ);
    private static final EnumSet<Call> COPIES = EnumSet.of(Call.COPY_IN, Call.COPY_OUT, Call.ZERO);

    @RegisterExtension
    final AtRest rest = AtRest.unchecked();

    /** Makes every copy between home and device fail, so that what succeeds made none. */
    private static void forbidCopies(Rig rig) {
        rig.faults().arm(1, Faults.FAIL, COPIES);
    }

    private static DeviceAccess access(Rig rig, Scene scene, AccessMode mode) {
        return scene.buffer.access(rig.runtime().device(), mode);
    }

    @ParameterizedTest
    @EnumSource
    void readingPinAndReadingKernel_afterAPrefetch_haveThePageTogether(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "HHH");
        assertThat(scene.buffer.prefetch(rig.runtime().device()).complete()).isTrue();
        assertThat(scene.places()).isEqualTo("BBB");
        forbidCopies(rig);
        try (Pin pin = scene.buffer.pin(READ);
                DeviceAccess access = access(rig, scene, AccessMode.READ);
                Hold hold = scene.buffer.hold(READ)) {
            assertThat(pin.segment().mismatch(MemorySegment.ofArray(scene.bytes)))
                    .isEqualTo(-1);
            assertThat(pin.verify()).matches(Verification::isConfirmed);
            assertThat(hold.segment().mismatch(MemorySegment.ofArray(scene.bytes)))
                    .isEqualTo(-1);
            assertThat(access.isOpen()).isTrue();
            assertThat(scene.places()).isEqualTo("BBB");
            assertThatThrownBy(() -> scene.buffer.pin(Pin.longTerm()))
                    .isInstanceOf(PagesBusyException.class)
                    .hasMessageContaining("accessed");
            assertThatThrownBy(() -> access(rig, scene, AccessMode.READ_WRITE))
                    .isInstanceOf(PagesBusyException.class)
                    .hasMessageContaining("pinned");
        }
        scene.checkBytes("after");
    }

    /** Where a hold has them is one window, whether they are valid elsewhere too or not. */
    @ParameterizedTest
    @EnumSource
    void readersHold_ofPagesInOnePlaceBesideThoseInBoth_isOnePiece(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        String one = kind == DeviceKind.COHERENT ? "D" : "H"; // where it has those in both
        Scene scene = Scene.of(rig.runtime(), one + "B" + one + one + "BB" + one);
        String places = scene.places();
        forbidCopies(rig);
        try (Hold hold = scene.buffer.hold(READ)) {
            assertThat(hold.segment().mismatch(MemorySegment.ofArray(scene.bytes)))
                    .isEqualTo(-1);
            assertThat(scene.places()).isEqualTo(places);
        }
        scene.checkBytes("after");
    }

    @ParameterizedTest
    @EnumSource
    void prefetchReadEvict_copiesOnce(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        assertThat(scene.buffer.prefetch(rig.runtime().device()).movedPages()).isEqualTo(4);
        forbidCopies(rig);
        scene.checkBytes("on the device");
        access(rig, scene, AccessMode.READ).close();
        assertThat(scene.buffer.evict().movedPages()).isEqualTo(4);
        assertThat(scene.places()).isEqualTo("HHHH");
        assertThat(rig.runtime().device().usedBytes()).isZero();
        scene.checkBytes("at home");
    }

    /** Who first reads what a kernel wrote copies it, and nobody after. */
    @ParameterizedTest
    @EnumSource
    void pagesThatAKernelWrote_areCopiedHomeOnceForReaders(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "DDDD");
        scene.buffer.pin(READ).close();
        assertThat(scene.places()).isEqualTo("BBBB");
        forbidCopies(rig);
        access(rig, scene, AccessMode.READ).close();
        scene.buffer.pin(READ).close();
        scene.checkBytes("again");
        assertThat(scene.places()).isEqualTo("BBBB");
    }

    @ParameterizedTest
    @EnumSource
    void firstWriter_endsTheOtherSideWithoutACopy(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "BBBBBB");
        forbidCopies(rig);
        scene.buffer.range(0, PAGE).pin(Pin.longTerm()).close();
        scene.buffer.range(PAGE, PAGE).hold().close();
        scene.buffer
                .range(2 * PAGE, PAGE)
                .access(rig.runtime().device(), AccessMode.READ_WRITE)
                .close();
        scene.buffer
                .range(3 * PAGE, PAGE)
                .access(rig.runtime().device(), AccessMode.WRITE)
                .close();
        scene.buffer.write(4 * PAGE, MemorySegment.ofArray(scene.bytes).asSlice(4 * PAGE, PAGE));
        String held = kind == DeviceKind.COHERENT ? "D" : "H"; // where a hold has the page
        assertThat(scene.places()).isEqualTo("H" + held + "DD" + held + "B");
        rig.faults().disarm();
        scene.checkBytes("after");
    }

    /** A mode is no lock: under a reader's pin the buffer can be written to. */
    @ParameterizedTest
    @EnumSource
    void write_underAReadersPin_works(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "BB");
        try (Pin pin = scene.buffer.pin(READ)) {
            scene.buffer.fill((byte) 5);
            assertThat(scene.places()).isEqualTo("HH");
            assertThat(pin.segment().get(ValueLayout.JAVA_BYTE, PAGE)).isEqualTo((byte) 5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void deviceLost_underReadersAtHome_losesOnlyWhatWasNowhereElse(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "BBDH");
        try (Pin pin = scene.buffer.range(0, 2 * PAGE).pin(READ)) {
            rig.faults().lose(rig.devices().getFirst());
            assertThat(scene.buffer.range(2 * PAGE, PAGE).evict().failure())
                    .containsInstanceOf(DeviceLostException.class);
            assertThat(scene.buffer.residency()).hasToString("HHxH");
            assertThatThrownBy(() -> access(rig, scene, AccessMode.READ))
                    .isInstanceOf(DeviceLostException.class);
            assertThat(pin.verify()).matches(Verification::isConfirmed);
            scene.checkBytes("under the pin");
        }
        try (Pin pin = scene.buffer.range(0, 2 * PAGE).pin(Pin.longTerm())) {
            assertThat(pin.segment()
                            .mismatch(MemorySegment.ofArray(scene.bytes).asSlice(0, 2 * PAGE)))
                    .isEqualTo(-1);
        }
        assertThat(scene.buffer.evict().movedPages()).isZero();
        scene.checkBytes("after");
    }

    @ParameterizedTest
    @EnumSource
    void prefetchToAnotherDevice_takesPagesThatAreAtHomeToo_andNoOthers(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind), Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "BDBHB");
        var other = rig.runtime().devices().getLast();
        try (Pin pin = scene.buffer.range(4 * PAGE, PAGE).pin(READ)) {
            assertThat(scene.buffer.prefetch(other).outcomes().toString())
                    .contains("on another device", "long-term pinned");
            assertThat(scene.buffer.residency().device(0)).containsSame(other);
            assertThat(scene.buffer.residency().device(1))
                    .containsSame(rig.runtime().device());
            assertThat(scene.buffer.residency().device(4))
                    .containsSame(rig.runtime().device());
            assertThat(scene.places()).isEqualTo("BDBBB");
            assertThat(pin.isOpen()).isTrue();
        }
        scene.checkBytes("after");
    }

    // ---- WRITE ----

    @ParameterizedTest
    @EnumSource
    void accessThatOverwrites_copiesOnlyPagesThatItHasInPart(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        rig.faults().arm(1, Faults.FAIL, EnumSet.of(Call.COPY_IN)); // zeroes it may write
        scene.buffer
                .range(0, 4 * PAGE)
                .access(rig.runtime().device(), AccessMode.WRITE)
                .close();
        assertThat(scene.places()).isEqualTo("DDDD");
        rig.faults().disarm();
        byte[] zero = new byte[4 * PAGE];
        byte[] read = new byte[4 * PAGE];
        scene.buffer.read(0, MemorySegment.ofArray(read));
        assertThat(read).as("nobody's bytes").isEqualTo(zero);
    }

    @ParameterizedTest
    @EnumSource
    void accessThatOverwrites_keepsTheBytesBesideIt(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        int from = PAGE / 2;
        int to = 3 * PAGE + 7;
        scene.buffer
                .range(from, to - from)
                .access(rig.runtime().device(), AccessMode.WRITE)
                .close();
        byte[] read = new byte[4 * PAGE];
        scene.buffer.read(0, MemorySegment.ofArray(read));
        MemorySegment found = MemorySegment.ofArray(read);
        MemorySegment before = MemorySegment.ofArray(scene.bytes);
        assertThat(found.asSlice(0, from).mismatch(before.asSlice(0, from))).isEqualTo(-1);
        assertThat(found.asSlice(to).mismatch(before.asSlice(to))).isEqualTo(-1);
        assertThat(found.asSlice(PAGE, PAGE).mismatch(MemorySegment.ofArray(new byte[PAGE])))
                .isEqualTo(-1);
    }

    /** Of a page that it has in part everything, once; the end of the buffer is no part. */
    @ParameterizedTest
    @EnumSource
    void accessThatOverwrites_bringsNoByteThatItNeedNot(DeviceKind kind) {
        int[][] ranges = { // from, byte behind the last, pages that come with their bytes
            {0, 5 * PAGE / 2, 0},
            {1, 5 * PAGE / 2, 1},
            {0, 5 * PAGE / 2 - 1, 1},
            {10, 20, 1},
            {PAGE, PAGE + 1, 1},
            {2 * PAGE - 1, 2 * PAGE + 1, 2},
            {PAGE, 2 * PAGE, 0}
        };
        for (int[] range : ranges) {
            Rig rig = rest.open(Scene.device(kind));
            PageBuffer buffer = rig.runtime().allocate(5 * PAGE / 2);
            buffer.fill((byte) 1);
            PageRange part = buffer.range(range[0], range[1] - range[0]);
            part.access(rig.runtime().device(), AccessMode.WRITE).close();
            assertThat(rig.runtime().device().traffic().bytesIn())
                    .as("of bytes %d..%d", range[0], range[1])
                    .isEqualTo((long) range[2] * PAGE);
            rest.settle();
        }
    }

    /** Whichever page is in the way, in one batch or behind others, no byte is lost. */
    @ParameterizedTest
    @EnumSource
    void accessThatOverwrites_refusedAtEachPage_losesNothing(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        String picture = "HB.HHHBH";
        for (int busy = 0; busy < picture.length(); busy++) {
            Scene scene = Scene.of(rig.runtime(), picture);
            try (Pin pin = scene.buffer.range((long) busy * PAGE, 1).pin(Pin.longTerm())) {
                assertThatThrownBy(() -> access(rig, scene, AccessMode.WRITE))
                        .isInstanceOf(PagesBusyException.class)
                        .hasMessageContaining("page " + busy + " is long-term pinned");
                assertThat(pin.isOpen()).isTrue();
            }
            scene.checkBytes("page " + busy);
        }
    }

    /** Whatever call fails, that of the view too, no byte is lost. */
    @ParameterizedTest
    @EnumSource
    void accessThatOverwrites_failingAtEachCall_losesNothing(DeviceKind kind) {
        boolean failed = true;
        for (int n = 1; failed; n++) {
            Rig rig = rest.open(Scene.device(kind));
            Scene scene = Scene.of(rig.runtime(), "HHHB.HH");
            rig.faults().arm(n, Faults.FAIL, EnumSet.range(Call.ALLOCATE, Call.VIEW));
            try (DeviceAccess access = access(rig, scene, AccessMode.WRITE)) {
                assertThat(access.isOpen()).isTrue();
                failed = false;
                assertThat(n).as("calls that can fail").isGreaterThan(3);
                continue;
            } catch (DeviceException | OutOfPageMemoryException failure) {
                assertThat(failure).hasMessageContaining("injected");
            }
            rig.faults().disarm();
            scene.checkBytes("call " + n + ", which was " + rig.faults().hit());
            Invariants.checkAtRest(rig.runtime());
        }
    }
}
