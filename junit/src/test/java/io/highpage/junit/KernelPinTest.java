// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static io.highpage.junit.TestPages.PAGE;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.Holder;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.device.DeviceInfo;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The situations of Linux's tests for pinning, and the lessons of its later bugs, on two devices of
 * each kind. The ids are those of docs/kernel-correspondence.md.
 */
@ForEachDevice
@ExtendWith(HighpageLeakCheck.class)
class KernelPinTest {
    private final DeviceInfo info;
    private BreakableDevice breakable;
    private Highpage hp;

    KernelPinTest(DeviceInfo info) {
        this.info = info;
    }

    @BeforeEach
    void open() {
        breakable = new BreakableDevice(info.open());
        hp = Highpage.builder().device(breakable).device(info.open()).open();
    }

    @AfterEach
    void close() {
        assertThat(hp.holders()).isEmpty();
        hp.close();
    }

    private Device other() {
        return hp.devices().get(1);
    }

    /** No count is left: every page may leave. */
    private void assertFree(PageBuffer buffer) {
        assertThat(buffer.evict().complete()).isTrue();
        assertThat(buffer.prefetch(hp.device()).complete()).isTrue();
    }

    private static void assertPinned(TestPages pages, Pin pin) {
        assertThat(pin.verify()).matches(Verification::isConfirmed);
        pages.checkSegment(pin.segment(), pin.offset());
    }

    // T27, L1, A49, A50, F5: the core of it all. Short holds leave a page in coherent memory;
    // long-term pins do not.
    @Test
    void holdsAndPins_ofFourDevicePages_takeExactlyThePinnedOnesHome() {
        try (TestPages pages = TestPages.of(hp, "DDDD")) {
            byte[] page1 = new byte[PAGE];
            try (Hold hold = pages.buffer().range(0, PAGE).hold();
                    Pin bare = pages.buffer()
                            .range(2 * PAGE, PAGE)
                            .pin(Pin.longTerm().bare());
                    Pin pin = pages.buffer().range(3 * PAGE, PAGE).pin(Pin.longTerm())) {
                pages.buffer().read(PAGE, MemorySegment.ofArray(page1));
                assertThat(pages.picture()).isEqualTo(pages.coherent() ? "DDHH" : "HDHH");
                pages.checkSegment(hold.segment(), 0);
                pages.checkSegment(MemorySegment.ofArray(page1), PAGE);
                assertPinned(pages, bare);
                assertPinned(pages, pin);
            }
            pages.checkBytes();
            assertFree(pages.buffer());
        }
    }

    // T27: the four ways, the other way round: pages that are at home stay there, whoever asks.
    @Test
    void holdsAndPins_ofPagesAtHome_moveNothing() {
        try (TestPages pages = TestPages.of(hp, "HHHH")) {
            try (Hold hold = pages.buffer().hold();
                    Pin pin = pages.buffer().pin(Pin.longTerm());
                    Pin part = pages.buffer().range(PAGE, 1).pin(Pin.longTerm())) {
                assertThat(pages.picture()).isEqualTo("HHHH");
                assertThat(hold.segment().address()).isEqualTo(pin.segment().address());
                assertPinned(pages, part);
            }
            assertFree(pages.buffer());
        }
    }

    private interface Taker {
        Holder take(PageRange range);
    }

    // gup_test: every kind of holder, in steps of 1, 123, 512 pages and all at once; counts are
    // zero afterwards.
    @Test
    void holders_inStepsOfManySizes_coverEveryPageAndLeaveNoCount() {
        List<Taker> takers = List.of(
                PageRange::hold,
                range -> range.pin(Pin.longTerm()),
                range -> range.pin(Pin.longTerm().bare()),
                range -> range.pin(Pin.longTerm().shared()),
                range -> range.access(hp.device(), AccessMode.READ),
                range -> range.access(hp.device(), AccessMode.READ_WRITE));
        int pageCount = 600;
        for (int pageBytes : new int[] {PAGE, 4 * PAGE}) {
            for (int step : new int[] {1, 123, 512, pageCount}) {
                for (Taker taker : takers) {
                    try (PageBuffer buffer = hp.allocate((long) pageCount * pageBytes, pageBytes)) {
                        buffer.fill((byte) 4);
                        TestPages.bring(buffer, hp.device());
                        takeAll(buffer, taker, (long) step * pageBytes);
                        assertFree(buffer);
                    }
                }
            }
        }
    }

    private static void takeAll(PageBuffer buffer, Taker taker, long stepBytes) {
        List<Holder> taken = new ArrayList<>();
        long covered = 0;
        for (long at = 0; at < buffer.byteSize(); at += stepBytes) {
            taken.add(taker.take(buffer.range(at, Math.min(stepBytes, buffer.byteSize() - at))));
            covered += taken.getLast().byteSize();
        }
        assertThat(covered).isEqualTo(buffer.byteSize());
        for (Holder holder : taken) {
            if (holder instanceof Pin pin) {
                assertThat(pin.verify()).matches(Verification::isConfirmed);
                assertThat(pin.segment().get(ValueLayout.JAVA_BYTE, pin.byteSize() - 1))
                        .isEqualTo((byte) 4);
            }
            holder.close();
        }
    }

    // gup_longterm: pages of every origin, whole or in part, alone or shared between threads,
    // listed or bare.
    @Test
    void longTermPin_onAnyTerms_ofPagesOfAnyOrigin_works() {
        List<Terms> allTerms = List.of(
                Pin.longTerm(),
                Pin.longTerm().bare(),
                Pin.longTerm().shared(),
                Pin.longTerm().owner("matrix").deadline(Duration.ZERO));
        for (String picture : new String[] {".", "H", "D", ".HD", "DDDD", "H..D"}) {
            for (Terms terms : allTerms) {
                try (TestPages pages = TestPages.of(hp, picture)) {
                    long bytes = pages.buffer().byteSize();
                    try (Pin whole = pages.buffer().pin(terms);
                            Pin part = pages.buffer().range(1, bytes - 2).pin(terms)) {
                        assertThat(pages.picture()).matches("H+");
                        assertPinned(pages, whole);
                        assertPinned(pages, part);
                    }
                    assertFree(pages.buffer());
                }
            }
        }
    }

    // C7 to C14, W4: whatever is written through the buffer later is what the pin's owner sees, and
    // the other way round.
    @Test
    void pin_andLaterWrites_seeEachOtherWhateverThePageWas() {
        try (TestPages pages = TestPages.of(hp, ".HD");
                Pin pin = pages.buffer().pin(Pin.longTerm())) {
            Arrays.fill(pages.bytes(), (byte) 0xff);
            pages.buffer().range(0, 3 * PAGE).fill((byte) 0xff);
            assertPinned(pages, pin);

            Arrays.fill(pages.bytes(), PAGE, 2 * PAGE, (byte) 1);
            pin.segment().asSlice(PAGE, PAGE).fill((byte) 1);
            pages.checkBytes();
            assertThat(pages.buffer().prefetch(hp.device()).outcomes().count(PageOutcome.PINNED))
                    .isEqualTo(3);
        }
    }

    // gap 1, L11, C14: somebody else's hold of a page that would have to move.
    @Test
    void pin_ofACoherentPageHeldByAnother_failsNamingItAndWorksWhenItIsFree() throws Exception {
        try (TestPages pages = TestPages.of(hp, "DDD")) {
            DeviceAccess held = pages.buffer()
                    .range(PAGE, 1)
                    .access(Terms.defaults().shared().mode(AccessMode.READ), hp.device());
            assertThatThrownBy(() -> pages.buffer().pin(Pin.longTerm()))
                    .isInstanceOfSatisfying(PagesBusyException.class, busy -> {
                        assertThat(busy.page()).isEqualTo(1);
                        assertThat(busy.reason()).isEqualTo(PageOutcome.ACCESSED);
                    });
            // R7, L9: nothing is pinned; what had come home by then stays there.
            assertThat(pages.picture()).isEqualTo("HDD");
            assertThat(pages.buffer().prefetch(hp.device()).complete()).isTrue();
            held.close();
            try (Pin pin = pages.buffer().pin(Pin.longTerm())) {
                assertPinned(pages, pin);
            }
        }
    }

    // gap 1, R6: somebody else moves the page: Linux says busy at once, we wait a second at most.
    @Test
    void pin_ofAPageThatAnotherThreadIsMoving_waitsForIt() throws Exception {
        try (TestPages pages = TestPages.of(hp, "DD")) {
            AtomicBoolean moving = new AtomicBoolean();
            AtomicBoolean goOn = new AtomicBoolean();
            breakable.beforeCopyOut = () -> {
                moving.set(true);
                while (!goOn.get()) {
                    Thread.onSpinWait();
                }
            };
            Thread evictor = Thread.ofPlatform().start(() -> pages.buffer().evict());
            while (!moving.get()) {
                Thread.onSpinWait();
            }
            assertThat(pages.picture()).isEqualTo(">>");
            assertThatThrownBy(() -> pages.buffer().pin(Pin.longTerm().deadline(Duration.ZERO)))
                    .isInstanceOfSatisfying(
                            PagesBusyException.class,
                            busy -> assertThat(busy.reason()).isEqualTo(PageOutcome.MOVING));
            Thread opener = Thread.ofPlatform().start(() -> goOn.set(true));
            try (Pin pin = pages.buffer().pin(Pin.longTerm().deadline(Duration.ofMinutes(1)))) {
                assertPinned(pages, pin);
            }
            opener.join();
            evictor.join();
        }
    }

    // gap 1, M21, B12, B13, D8: the copy fails half-way; Linux has committed by then and shows what
    // is in the new page.
    @Test
    void pin_whoseCopyFails_leavesPagesWhereTheyWereWithTheirBytes() {
        try (TestPages pages = TestPages.of(hp, "DHD")) {
            breakable.beforeCopyOut = () -> {
                throw new DeviceException("copy failed", null);
            };
            assertThatThrownBy(() -> pages.buffer().pin(Pin.longTerm()))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("where it was");
            assertThat(pages.picture()).isEqualTo("DHD");
            breakable.mend();
            pages.checkBytes();
            assertFree(pages.buffer());
        }
    }

    // gap 2, L12, B1: pages of every kind in one pin, on two devices; each that had to move has
    // really moved.
    @Test
    void pin_ofHostAbsentAndTwoDevicesPages_takesAllInOneCall() {
        try (TestPages pages = TestPages.of(hp, "HD.HDH.D")) {
            TestPages.bring(pages.buffer().range(3 * PAGE, 1), other());
            TestPages.bring(pages.buffer().range(5 * PAGE, 1), other());
            try (Pin pin = pages.buffer().pin(Pin.longTerm())) {
                assertThat(pages.picture()).isEqualTo("HHHHHHHH");
                assertPinned(pages, pin);
                assertThat(hp.device().usedBytes() + other().usedBytes()).isZero();
                assertThat(hp.device().traffic().bytesOut()).isEqualTo(3 * PAGE);
                assertThat(other().traffic().bytesOut()).isEqualTo(2 * PAGE);
            }
            assertFree(pages.buffer());
        }
    }

    // gap 2: the same, with an abort in the middle.
    @Test
    void pin_abortedInTheMiddleOfMixedPages_leavesNoCount() {
        try (TestPages pages = TestPages.of(hp, "HD.HDH.D")) {
            TestPages.bring(pages.buffer().range(3 * PAGE, 1), other());
            try (DeviceAccess access =
                    pages.buffer().range(4 * PAGE, 1).access(hp.device(), AccessMode.READ)) {
                assertThatThrownBy(() -> pages.buffer().pin(Pin.longTerm()))
                        .isInstanceOf(PagesBusyException.class);
            }
            assertFree(pages.buffer());
            pages.checkBytes();
        }
    }

    // gap 4, L13, U8: a device that takes pages back as fast as they come home.
    @Test
    void pin_againstADeviceThatTakesPagesBack_comesToItsEnd() throws Exception {
        try (TestPages pages = TestPages.of(hp, "D".repeat(32))) {
            AtomicBoolean stop = new AtomicBoolean();
            AtomicLong taken = new AtomicLong();
            Thread taker = Thread.ofPlatform().start(() -> {
                while (!stop.get()) {
                    pages.bringFree(0, pages.bytes().length);
                    taken.incrementAndGet();
                }
            });
            int rounds = 30;
            try {
                for (int i = 0; i < rounds; i++) {
                    // The first may have begun while the last pin was there.
                    for (long before = taken.get(); taken.get() < before + 2; ) {
                        Thread.yield();
                    }
                    try (Pin pin =
                            pages.buffer().pin(Pin.longTerm().deadline(Duration.ofMinutes(1)))) {
                        assertPinned(pages, pin);
                    }
                }
            } finally {
                stop.set(true);
                taker.join();
            }
            assertThat(TestPages.copiedHome(hp)).isGreaterThanOrEqualTo(rounds * 32L * PAGE);
        }
    }

    // gap 7, N4, N6: once the pages are pinned at home, no device has a way to them.
    @Test
    void access_closedBeforeAPin_hasNoWayToThePagesAfterwards() {
        try (TestPages pages = TestPages.of(hp, "DD")) {
            DeviceAccess access = pages.buffer().access(hp.device(), AccessMode.READ_WRITE);
            MemorySegment stale = hasPointers(access) ? access.segment() : null;
            access.close();
            try (Pin pin = pages.buffer().pin(Pin.longTerm())) {
                if (stale != null && pages.coherent()) {
                    assertThatThrownBy(() -> stale.set(ValueLayout.JAVA_BYTE, 0, (byte) 1))
                            .isInstanceOf(IllegalStateException.class);
                }
                assertThatThrownBy(() -> pages.buffer().access(hp.device(), AccessMode.READ))
                        .isInstanceOf(PagesBusyException.class);
                assertPinned(pages, pin);
            }
        }
    }

    private static boolean hasPointers(DeviceAccess access) {
        try {
            return access.segment() != null;
        } catch (UnsupportedOperationException handlesOnly) {
            return false;
        }
    }

    // gap 10, B2, R1, R9: what is reported as pinned is what is pinned, and exactly that is given
    // back.
    @Test
    void pinPossible_withAPageInTheWay_pinsAndReleasesExactlyTheOthers() {
        try (TestPages pages = TestPages.of(hp, "DDDDD")) {
            try (DeviceAccess access =
                    pages.buffer().range(2 * PAGE, 1).access(hp.device(), AccessMode.READ)) {
                try (PartialPin partial = pages.buffer().pinPossible(Pin.longTerm())) {
                    assertThat(partial.outcomes().count(PageOutcome.IN_PLACE)).isEqualTo(4);
                    assertThat(partial.pins())
                            .hasSize(2)
                            .allSatisfy(pin -> assertPinned(pages, pin));
                    assertThat(pages.picture()).isEqualTo("HHDHH");
                }
                assertThat(pages.buffer().prefetch(hp.device()).movedPages()).isEqualTo(4);
            }
            assertFree(pages.buffer());
        }
    }

    // gap 11, B4, L5: nothing in the range needs anything but to leave the device.
    @Test
    void pin_ofOnlyDevicePages_bringsEachHome() {
        long copied = 0;
        for (int count : new int[] {1, 2, 100}) {
            try (TestPages pages = TestPages.of(hp, "D".repeat(count));
                    Pin pin = pages.buffer().pin(Pin.longTerm())) {
                assertThat(pages.picture()).isEqualTo("H".repeat(count));
                assertPinned(pages, pin);
                copied += (long) count * PAGE;
                assertThat(TestPages.copiedHome(hp)).isEqualTo(copied);
            }
        }
    }

    // L10, U20: Linux fails when a device page is pinned twice in one call or by two at once.
    @Test
    void pins_ofOneDevicePageTwice_bothWork() {
        try (TestPages pages = TestPages.of(hp, "DDD")) {
            try (Pin first = pages.buffer().range(0, 2 * PAGE).pin(Pin.longTerm());
                    Pin second = pages.buffer().range(PAGE, 2 * PAGE).pin(Pin.longTerm())) {
                assertPinned(pages, first);
                assertPinned(pages, second);
            }
            assertFree(pages.buffer());
        }
    }

    // B3, B18, C3: pages that were never written are pinned as any other, and their counts come
    // back to zero.
    @Test
    void pins_ofPagesNeverWritten_manyTimes_leaveNoCount() {
        try (TestPages pages = TestPages.of(hp, "..")) {
            List<Pin> pins = new ArrayList<>();
            for (int i = 0; i < 5000; i++) {
                pins.add(pages.buffer().range(PAGE, 1).pin(Pin.longTerm().bare()));
            }
            assertThat(pages.picture()).isEqualTo(".H");
            pins.forEach(Pin::close);
            assertFree(pages.buffer());
            pages.checkBytes();
        }
    }

    // B5, B6: no reference is parked anywhere: a page is free the moment its last holder has
    // closed.
    @Test
    void page_whoseHolderHasJustClosed_movesAtOnce() {
        try (TestPages pages = TestPages.of(hp, "DD")) {
            for (int i = 0; i < 100; i++) {
                pages.buffer().hold().close();
                pages.checkBytes();
                pages.buffer().pin(Pin.longTerm().deadline(Duration.ZERO)).close();
                assertThat(pages.buffer().prefetch(hp.device()).movedPages()).isEqualTo(2);
                TestPages.bring(pages.buffer(), hp.device());
            }
        }
    }

    // B15, D5: memory of a device that is in use outlives nobody: closing is refused and named.
    @Test
    void runtime_closedUnderAHolder_refusesAndNothingChanges() {
        try (TestPages pages = TestPages.of(hp, "DH");
                DeviceAccess access = pages.buffer()
                        .range(0, 2 * PAGE)
                        .access(
                                Terms.defaults().owner("shader").mode(AccessMode.READ),
                                hp.device())) {
            assertThatThrownBy(hp::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("shader");
            assertThat(pages.picture()).isEqualTo("DD");
        }
    }
}
