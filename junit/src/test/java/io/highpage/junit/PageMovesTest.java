// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static io.highpage.junit.TestPages.PAGE;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.device.DeviceInfo;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Residency;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What one thread sees: bytes, residency, holds, pins and accesses, on every device of this
 * machine.
 */
@ForEachDevice
@ExtendWith(HighpageLeakCheck.class)
class PageMovesTest {
    private final DeviceInfo info;
    private Highpage hp;

    PageMovesTest(DeviceInfo info) {
        this.info = info;
    }

    @BeforeEach
    void open() {
        hp = Highpage.builder().device(info.open()).open();
    }

    @AfterEach
    void close() {
        hp.close();
    }

    private static MemorySegment heap(byte[] bytes) {
        return MemorySegment.ofArray(bytes);
    }

    // ---- bytes ----

    @Test
    void read_anyRangeOfMixedPages_givesTheBytes() {
        try (TestPages pages = TestPages.of(hp, "HD.DDH.D", 100)) {
            int[][] ranges = {
                {0, 1}, {PAGE - 1, 2}, {5, 3 * PAGE}, {2 * PAGE, PAGE}, {7 * PAGE + 1, PAGE - 101}
            };
            for (int[] range : ranges) {
                byte[] onHeap = new byte[range[1]];
                pages.buffer().read(range[0], heap(onHeap));
                pages.checkSegment(heap(onHeap), range[0]);
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment target = arena.allocate(range[1]);
                    pages.buffer().read(range[0], target);
                    pages.checkSegment(target, range[0]);
                }
            }
            pages.checkBytes();
            // Of a private device they are read at home, and stay valid on the device.
            assertThat(pages.picture()).isEqualTo("HDHDDHHD");
        }
    }

    @Test
    void write_anyRangeOfMixedPages_changesExactlyThose() {
        Random random = new Random(1);
        try (TestPages pages = TestPages.of(hp, "HD.DDH.D");
                Arena arena = Arena.ofConfined()) {
            int[][] ranges = {
                {0, 1},
                {PAGE - 1, 2},
                {5, 3 * PAGE},
                {6 * PAGE - 1, 3},
                {3 * PAGE + 7, 5 * PAGE - 7}
            };
            for (int[] range : ranges) {
                byte[] data = new byte[range[1]];
                random.nextBytes(data);
                MemorySegment source = random.nextBoolean()
                        ? heap(data)
                        : arena.allocate(range[1]).copyFrom(heap(data));
                pages.buffer().write(range[0], source);
                System.arraycopy(data, 0, pages.bytes(), range[0], range[1]);
                pages.checkBytes();
            }
            pages.buffer().evict();
            pages.checkBytes();
        }
    }

    @Test
    void fill_acrossPages_setsEveryByteOfTheRange() {
        try (TestPages pages = TestPages.of(hp, "DH.D")) {
            pages.buffer().range(PAGE - 3, 2 * PAGE + 5).fill((byte) -7);
            Arrays.fill(pages.bytes(), PAGE - 3, 3 * PAGE + 2, (byte) -7);
            pages.checkBytes();
        }
    }

    @Test
    void copyTo_anotherBuffer_goesFromItsPagesToTheOthers() {
        try (TestPages source = TestPages.of(hp, "HD.DDHDH");
                TestPages target = TestPages.of(hp, "DDHHH.D.")) {
            int[][] copies = {
                {0, 0, 8 * PAGE},
                {1, PAGE + 9, 3 * PAGE + 5},
                {6 * PAGE, 5, 1},
                {10, 7 * PAGE, PAGE}
            };
            for (int[] copy : copies) {
                source.buffer().range(copy[0], copy[2]).copyTo(target.buffer(), copy[1]);
                System.arraycopy(source.bytes(), copy[0], target.bytes(), copy[1], copy[2]);
                target.checkBytes();
            }
            source.checkBytes();
        }
    }

    @Test
    void copyTo_overlappingInOneBuffer_isAsThroughATemporaryOne() {
        Random random = new Random(5);
        for (int round = 0; round < 60; round++) {
            try (TestPages pages = TestPages.of(hp, "HD.DDHDH")) {
                int bytes = 1 + random.nextInt(5 * PAGE);
                int from = random.nextInt(pages.bytes().length - bytes);
                int near = from - PAGE - 50 + random.nextInt(2 * PAGE + 100);
                int to = Math.clamp(near, 0, pages.bytes().length - bytes);
                pages.buffer().range(from, bytes).copyTo(pages.buffer(), to);
                System.arraycopy(pages.bytes(), from, pages.bytes(), to, bytes);
                pages.checkBytes();
            }
        }
    }

    /**
     * Longer than one stretch of 16 MiB, with large pages and small ones, so that stretches end
     * inside pages too.
     */
    @Test
    void bytes_longerThanAStretch_areWhole() {
        int size = (34 << 20) + 12_345;
        byte[] data = new byte[size];
        new Random(9).nextBytes(data);
        for (long pageBytes : new long[] {PAGE, 64 << 10, 32L << 20}) {
            // In spans, since a device may have no room for all of it in one piece.
            Allocation how = Allocation.defaults().pageBytes(pageBytes).spanBytes(32 << 20);
            try (PageBuffer buffer = hp.allocate(size + 999, how)) {
                buffer.write(77, heap(data));
                TestPages.bring(
                        buffer.range(pageBytes, Math.min(20L << 20, buffer.byteSize() - pageBytes)),
                        hp.device());
                byte[] read = new byte[size];
                buffer.read(77, heap(read));
                assertThat(Arrays.mismatch(read, data))
                        .as("pages of %d", pageBytes)
                        .isEqualTo(-1);
                // Overlapping by a little, forth and back: stretches must be taken in the right
                // order.
                buffer.range(77, size).copyTo(buffer, 77 + 500);
                buffer.read(77 + 500, heap(read));
                assertThat(Arrays.mismatch(read, data))
                        .as("up, pages of %d", pageBytes)
                        .isEqualTo(-1);
                buffer.range(77 + 500, size).copyTo(buffer, 3);
                buffer.read(3, heap(read));
                assertThat(Arrays.mismatch(read, data))
                        .as("down, pages of %d", pageBytes)
                        .isEqualTo(-1);
                buffer.range(1, size).fill((byte) 4);
                buffer.read(1, heap(read));
                for (int at : new int[] {0, 16 << 20, (16 << 20) - 1, size - 1}) {
                    assertThat(read[at]).isEqualTo((byte) 4);
                }
            }
        }
    }

    // ---- where pages are ----

    @Test
    void newBuffer_isAbsentAndReadsAsZero() {
        try (PageBuffer buffer = hp.allocate(3 * PAGE + 1)) {
            assertThat(buffer.pageCount()).isEqualTo(4);
            assertThat(buffer.residency()).hasToString("....");
            assertThat(buffer.evict().complete()).isTrue();
            assertThat(buffer.residency()).hasToString("....");
            byte[] read = new byte[PAGE];
            Arrays.fill(read, (byte) 1);
            buffer.read(PAGE + 1, heap(read));
            assertThat(read).containsOnly(0);
            assertThat(buffer.residency()).hasToString(".HH.");
        }
    }

    @Test
    void prefetch_ofAbsentPages_arrivesZeroedOverOldBytes() {
        try (PageBuffer old = hp.allocate(8 * PAGE)) {
            old.fill((byte) 0x77);
            old.prefetch(hp.device());
        }
        try (PageBuffer buffer = hp.allocate(8 * PAGE)) {
            MoveReport report = buffer.prefetch(hp.device());
            assertThat(report.movedPages()).isEqualTo(8);
            assertThat(report.complete()).isTrue();
            assertThat(buffer.residency().count(Residency.DEVICE)).isEqualTo(8);
            byte[] read = new byte[8 * PAGE];
            buffer.read(0, heap(read));
            assertThat(read).containsOnly(0);
        }
    }

    @Test
    void prefetchAndEvict_ofARange_moveEveryPageItTouches() {
        try (TestPages pages = TestPages.of(hp, "HHHHHH")) {
            assertThat(pages.buffer()
                            .range(2 * PAGE - 1, 2)
                            .prefetch(hp.device())
                            .movedPages())
                    .isEqualTo(2);
            assertThat(pages.picture()).isEqualTo("HDDHHH");
            MoveReport again = pages.buffer().range(PAGE, 3 * PAGE).prefetch(hp.device());
            assertThat(again.outcomes().counts())
                    .isEqualTo(Map.of(PageOutcome.MOVED, 1L, PageOutcome.IN_PLACE, 2L));
            assertThat(again.outcomes().firstPage()).isEqualTo(1);
            assertThat(pages.picture()).isEqualTo("HDDDHH");
            assertThat(pages.buffer().range(3 * PAGE - 1, 2).evict().movedPages())
                    .isEqualTo(2);
            assertThat(pages.picture()).isEqualTo("HDHHHH");
            assertThat(pages.buffer().range(PAGE, 1).residency()).hasToString("D");
            pages.checkBytes();
        }
    }

    @Test
    void moves_ofKeptPages_skipThemAndSayWhy() {
        try (TestPages pages = TestPages.of(hp, "HHHDD.");
                Hold hold = pages.buffer().range(0, 1).hold();
                Pin pin = pages.buffer().range(PAGE, 1).pin(Pin.longTerm());
                DeviceAccess access =
                        pages.buffer().range(3 * PAGE, 1).access(hp.device(), AccessMode.READ)) {
            MoveReport in = pages.buffer().prefetch(hp.device());
            assertThat(in.outcomes().toString())
                    .isEqualTo("page 0 held, page 1 long-term pinned, page 2 moved, pages 3-4"
                            + " already in place, page 5 moved");
            assertThat(in.complete()).isFalse();
            assertThat(in.failure()).isEmpty();
            assertThat(pages.picture()).isEqualTo("HHDDDD");
            MoveReport out = pages.buffer().evict();
            assertThat(out.outcomes().toString())
                    .isEqualTo("pages 0-1 already in place, page 2 moved, page 3 accessed by a"
                            + " device, pages 4-5 moved");
            assertThat(pages.picture()).isEqualTo("HHHDHH");
        }
    }

    @Test
    void device_memoryInUse_isTheWholeBufferFromTheFirstPageToTheLast() {
        try (TestPages pages = TestPages.of(hp, "HHHH")) {
            assertThat(hp.device().usedBytes()).isZero();
            pages.buffer().range(0, 1).prefetch(hp.device());
            assertThat(hp.device().usedBytes()).isEqualTo(4 * PAGE);
            pages.buffer().prefetch(hp.device());
            pages.buffer().range(0, 3 * PAGE).evict();
            assertThat(hp.device().usedBytes()).isEqualTo(4 * PAGE);
            pages.buffer().evict();
            assertThat(hp.device().usedBytes()).isZero();
            pages.checkBytes();
        }
    }

    @Test
    void pages_ofManySizes_goThereAndBack() {
        for (long pageBytes : new long[] {PAGE, 64 << 10, 2 << 20}) {
            int size = (int) (3 * pageBytes - 17);
            byte[] data = new byte[size];
            new Random(pageBytes).nextBytes(data);
            try (PageBuffer buffer = hp.allocate(size, pageBytes)) {
                buffer.write(0, heap(data));
                assertThat(buffer.prefetch(hp.device()).movedPages()).isEqualTo(3);
                TestPages.bring(buffer, hp.device());
                long before = TestPages.copiedHome(hp);
                try (Pin pin = buffer.pin(Pin.longTerm())) {
                    assertThat(TestPages.copiedHome(hp) - before).isEqualTo(3 * pageBytes);
                    assertThat(pin.segment().byteSize()).isEqualTo(size);
                    assertThat(pin.segment().mismatch(heap(data))).isEqualTo(-1);
                    assertThat(pin.segment().address() % PAGE).isZero();
                }
            }
        }
    }

    // ---- holds ----

    @Test
    void hold_ofDevicePages_movesNothingOnACoherentDeviceAndBringsThemHomeFromAPrivateOne() {
        try (TestPages pages = TestPages.of(hp, "DDD")) {
            try (Hold hold = pages.buffer().range(10, 2 * PAGE).hold()) {
                assertThat(pages.picture()).isEqualTo(pages.coherent() ? "DDD" : "HHH");
                pages.checkSegment(hold.segment(), 10);
                assertThat(hold.segment().byteSize()).isEqualTo(2 * PAGE);
                hold.segment().set(ValueLayout.JAVA_BYTE, 5, (byte) 99);
                pages.bytes()[15] = 99;
            }
            try (Pin pin = pages.buffer().pin(Pin.longTerm())) {
                pages.checkSegment(pin.segment(), 0);
            }
            pages.checkBytes();
        }
    }

    @Test
    void hold_ofPagesInSeveralPlaces_isWalkedAndHasNoSingleSegment() {
        try (TestPages pages = TestPages.of(hp, "HDHD.HHD", 50);
                Hold hold = pages.buffer().hold()) {
            StringBuilder places = new StringBuilder();
            long covered = 0;
            for (Hold.Pieces pieces = hold.pieces(); pieces.next(); ) {
                places.append(pieces.residency().letter())
                        .append(pieces.byteSize())
                        .append(' ');
                assertThat(pieces.offset()).isEqualTo(covered);
                pages.checkSegment(pieces.slice(), pieces.offset());
                covered += pieces.byteSize();
            }
            assertThat(covered).isEqualTo(pages.bytes().length);
            if (pages.coherent()) {
                assertThat(places.toString()).isEqualTo("H4096 D4096 H4096 D4096 H12288 D4046 ");
                assertThatThrownBy(hold::segment)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("HDHDHHHD")
                        .hasMessageContaining("pieces()");
            } else {
                assertThat(places.toString()).isEqualTo("H32718 ");
                assertThat(hold.segment().byteSize()).isEqualTo(covered);
            }
        }
    }

    @Test
    void holds_overlapping_areCounted() {
        try (TestPages pages = TestPages.of(hp, "HH")) {
            Hold first = pages.buffer().hold();
            Hold second = pages.buffer().range(PAGE, 1).hold();
            first.close();
            assertThat(pages.buffer().prefetch(hp.device()).outcomes().toString())
                    .isEqualTo("page 0 moved, page 1 held");
            second.close();
            assertThat(pages.buffer().prefetch(hp.device()).complete()).isTrue();
        }
    }

    // ---- pins ----

    @Test
    void pin_ofPagesAnywhere_bringsThemHomeAndGivesExactlyTheBytes() {
        for (String picture : List.of("....", "HHHH", "DDDD", "HD.D", ".DH.")) {
            try (TestPages pages = TestPages.of(hp, picture)) {
                for (int[] range : new int[][] {
                    {PAGE + 1, 1}, {2 * PAGE - 1, 2}, {1, 4 * PAGE - 2}, {0, 4 * PAGE}
                }) {
                    try (Pin pin = pages.buffer().range(range[0], range[1]).pin(Pin.longTerm())) {
                        assertThat(pin.segment().byteSize()).isEqualTo(range[1]);
                        pages.checkSegment(pin.segment(), range[0]);
                        assertThat(pin.segment().isNative()).isTrue();
                        assertThat(pin.segment().isReadOnly()).isFalse();
                        assertThat(pin.verify()).matches(Verification::isConfirmed);
                        assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
                        assertThat(pin.offset()).isEqualTo(range[0]);
                        assertThat(pin.byteSize()).isEqualTo(range[1]);
                        assertThat(pin.buffer()).isSameAs(pages.buffer());
                        pin.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 42);
                        pages.bytes()[range[0]] = 42;
                    }
                }
                assertThat(pages.picture()).isEqualTo("HHHH");
                TestPages.bring(pages.buffer(), hp.device());
                pages.checkBytes();
            }
        }
    }

    @Test
    void pin_address_isTheSameOverTheBuffersLife() {
        try (TestPages pages = TestPages.of(hp, "HDH.")) {
            long first = -1;
            for (int round = 0; round < 5; round++) {
                try (Pin whole = pages.buffer().pin(Pin.longTerm());
                        Pin part = pages.buffer().range(PAGE + 5, 7).pin(Pin.longTerm())) {
                    long address = whole.segment().address();
                    first = first == -1 ? address : first;
                    assertThat(address).isEqualTo(first);
                    assertThat(part.segment().address()).isEqualTo(first + PAGE + 5);
                }
                TestPages.bring(pages.buffer(), hp.device());
            }
            assertThat(TestPages.copiedHome(hp)).isEqualTo((1 + 4 * 4) * PAGE);
        }
    }

    @Test
    void pins_ofTheWholeBuffer_keepEveryPageUntilTheLastGoes() {
        try (TestPages pages = TestPages.of(hp, "HHH")) {
            Pin first = pages.buffer().pin(Pin.longTerm());
            Pin second = pages.buffer().pin(Pin.longTerm());
            first.close();
            assertThat(pages.buffer().prefetch(hp.device()).outcomes().count(PageOutcome.PINNED))
                    .isEqualTo(3);
            assertThatThrownBy(() ->
                            pages.buffer().range(PAGE, 1).access(hp.device(), AccessMode.READ))
                    .isInstanceOfSatisfying(PagesBusyException.class, busy -> {
                        assertThat(busy.page()).isEqualTo(1);
                        assertThat(busy.reason()).isEqualTo(PageOutcome.PINNED);
                    });
            assertThat(second.verify()).matches(Verification::isConfirmed);
            second.close();
            assertThat(pages.buffer().prefetch(hp.device()).complete()).isTrue();
            pages.checkBytes();
        }
    }

    @Test
    void pin_closedWhileAnotherOverlaps_leavesTheOthersPages() {
        try (TestPages pages = TestPages.of(hp, "DDDD")) {
            Pin low = pages.buffer().range(0, 3 * PAGE).pin(Pin.longTerm());
            Pin high = pages.buffer().range(PAGE, 3 * PAGE).pin(Pin.longTerm());
            low.close();
            assertThat(high.verify()).matches(Verification::isConfirmed);
            assertThat(pages.buffer().prefetch(hp.device()).movedPages()).isEqualTo(1);
            assertThat(pages.picture()).isEqualTo("DHHH");
            high.close();
            pages.checkBytes();
        }
    }

    @Test
    void pin_ofAPageThatIsKeptOnTheDevice_failsAtOnceAndPinsNothing() {
        try (TestPages pages = TestPages.of(hp, "HDDH");
                DeviceAccess access =
                        pages.buffer().range(2 * PAGE, 1).access(hp.device(), AccessMode.READ)) {
            assertThatThrownBy(() -> pages.buffer().pin(Pin.longTerm().owner("ring")))
                    .isInstanceOfSatisfying(PagesBusyException.class, busy -> {
                        assertThat(busy.page()).isEqualTo(2);
                        assertThat(busy.reason()).isEqualTo(PageOutcome.ACCESSED);
                        assertThat(busy.outcomes().orElseThrow().pageCount()).isEqualTo(4);
                        assertThat(busy.outcomes().orElseThrow().of(2))
                                .isEqualTo(PageOutcome.ACCESSED);
                    })
                    .hasMessageContaining("page 2 is accessed by a device")
                    .hasMessageContaining("long-term pin of pages 0-3 of buffer "
                            + pages.buffer().id());
            assertThat(hp.holders()).hasSize(1);
            // Nothing is pinned: what came home may go again, and says so.
            assertThat(pages.buffer().residency().of(2)).isEqualTo(Residency.DEVICE);
            assertThat(pages.buffer().prefetch(hp.device()).complete()).isTrue();
            assertThat(pages.buffer().range(2 * PAGE, 1).tryPin(Pin.longTerm()))
                    .isInstanceOfSatisfying(
                            PinAttempt.Refused.class,
                            refused -> assertThat(refused.why().isBusy()).isTrue());
            assertThat(pages.buffer().range(0, 1).tryPin(Pin.longTerm()))
                    .isInstanceOfSatisfying(
                            PinAttempt.Pinned.class, pinned -> pinned.pin().close());
        }
    }

    @Test
    void pin_ofAPageThatTheCallerItselfHolds_failsAtOnceWhateverTheDeadline() {
        try (TestPages pages = TestPages.of(hp, "D");
                DeviceAccess access = pages.buffer().access(hp.device(), AccessMode.READ)) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> pages.buffer()
                            .pin(Pin.longTerm().deadline(java.time.Duration.ofMinutes(5))))
                    .isInstanceOf(PagesBusyException.class);
            assertThat(System.nanoTime() - start).isLessThan(60_000_000_000L);
        }
    }

    @Test
    void holders_open_areReportedWithAllTheirFacts() {
        try (TestPages pages = TestPages.of(hp, "HDH")) {
            try (Pin pin = pages.buffer().range(5, 6).pin(Pin.longTerm().owner("rx-ring"));
                    Pin bare = pages.buffer().pin(Pin.longTerm().bare());
                    Hold hold = pages.buffer().hold()) {
                assertThat(hp.holders()).hasSize(2);
                HolderInfo info = hp.holders().stream()
                        .filter(holder -> holder.kind().equals("pin"))
                        .findFirst()
                        .orElseThrow();
                assertThat(info.owner()).isEqualTo("rx-ring");
                assertThat(info.thread()).isEqualTo(Thread.currentThread().getName());
                assertThat(info.buffer()).isEqualTo(pages.buffer().id());
                assertThat(info.offset()).isEqualTo(5);
                assertThat(info.byteSize()).isEqualTo(6);
                assertThat(info.strength()).isEqualTo(Strength.RUNTIME);
                assertThat(info.toString()).contains("pin 'rx-ring' of bytes 5..11");
            }
            assertThat(hp.holders()).isEmpty();
        }
    }

    // ---- device access ----

    @Test
    void access_ofPagesAnywhere_bringsThemInAndHandsOutWhatTheKindSays() {
        for (AccessMode mode : AccessMode.values()) {
            try (TestPages pages = TestPages.of(hp, "H.DH")) {
                try (DeviceAccess access =
                        pages.buffer().range(0, 2 * PAGE + 2).access(hp.device(), mode)) {
                    assertThat(pages.picture()).isEqualTo("DDDH");
                    assertThat(access.device()).isEqualTo(hp.device());
                    assertThat(access.mode()).isEqualTo(mode);
                    assertThat(access.byteSize()).isEqualTo(2 * PAGE + 2);
                    checkWhatIsHandedOut(pages, access);
                }
                if (mode != AccessMode.WRITE) {
                    pages.checkBytes();
                }
            }
        }
    }

    private static void checkWhatIsHandedOut(TestPages pages, DeviceAccess access) {
        if (pages.coherent()) {
            if (access.mode() != AccessMode.WRITE) { // what that is to overwrite is undefined
                pages.checkSegment(access.segment(), access.offset());
            }
            assertThat(access.segment().byteSize()).isEqualTo(access.byteSize());
            assertThat(access.segment().isReadOnly()).isEqualTo(access.mode() == AccessMode.READ);
            assertThatThrownBy(access::handle).isInstanceOf(UnsupportedOperationException.class);
            return;
        }
        try {
            MemorySegment segment = access.segment();
            assertThat(segment.byteSize()).isZero();
            assertThat(segment.address()).isNotZero();
            assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        } catch (UnsupportedOperationException noPointers) {
            assertThat(access.handle().address()).isNotZero();
        }
    }

    @Test
    void access_ofAnyRange_isExactlyThoseBytesOrRefusedWhereTheDriverHasNoSuchThing() {
        try (TestPages pages = TestPages.of(hp, "HDHH")) {
            try (DeviceAccess access =
                    pages.buffer().range(PAGE - 1, 2).access(hp.device(), AccessMode.READ_WRITE)) {
                assertThat(pages.picture()).isEqualTo("DDHH");
                TestPages.onDevice(access, segment -> pages.checkSegment(segment, PAGE - 1));
            } catch (IllegalArgumentException noSuchObject) {
                assertThat(noSuchObject).hasMessageContaining("it must start at a multiple of");
            }
            assertThat(hp.holders()).isEmpty();
            assertThat(pages.buffer().evict().complete()).isTrue();
            pages.checkBytes();
        }
    }

    @Test
    void access_kernelWrites_areSeenAtHome() {
        try (TestPages pages = TestPages.of(hp, "HDH.")) {
            boolean ran;
            try (DeviceAccess access = pages.buffer()
                    .range(PAGE, 3 * PAGE)
                    .access(hp.device(), AccessMode.READ_WRITE)) {
                ran = TestPages.onDevice(
                        access, segment -> segment.asSlice(7, 2 * PAGE).fill((byte) 31));
            }
            if (ran) {
                Arrays.fill(pages.bytes(), PAGE + 7, PAGE + 7 + 2 * PAGE, (byte) 31);
            }
            pages.checkBytes();
        }
    }

    @Test
    void access_withAPinnedPage_isRefusedAsAWhole() {
        try (TestPages pages = TestPages.of(hp, "HHHH");
                Pin pin = pages.buffer().range(2 * PAGE, 1).pin(Pin.longTerm())) {
            assertThatThrownBy(() -> pages.buffer().access(hp.device(), AccessMode.READ))
                    .isInstanceOfSatisfying(PagesBusyException.class, busy -> {
                        assertThat(busy.page()).isEqualTo(2);
                        assertThat(busy.reason()).isEqualTo(PageOutcome.PINNED);
                    })
                    .hasMessageContaining("device access of pages 0-3");
            assertThat(hp.holders()).hasSize(1);
            // No page is accessed: all that went may come home.
            assertThat(pages.buffer().evict().complete()).isTrue();
            pages.checkBytes();
        }
    }

    @Test
    void accesses_overlapping_keepPagesUntilTheLastCloses() {
        try (TestPages pages = TestPages.of(hp, "HHH")) {
            DeviceAccess first =
                    pages.buffer().range(0, 2 * PAGE).access(hp.device(), AccessMode.READ);
            DeviceAccess second = pages.buffer()
                    .range(PAGE, 2 * PAGE)
                    .access(Terms.defaults().shared().mode(AccessMode.READ), hp.device());
            first.close();
            assertThat(pages.buffer().evict().outcomes().count(PageOutcome.ACCESSED))
                    .isEqualTo(2);
            second.close();
            assertThat(pages.buffer().evict().complete()).isTrue();
            pages.checkBytes();
        }
    }

    @Test
    void access_completions_areAwaitedBeforeAnythingIsLetGo() {
        try (TestPages pages = TestPages.of(hp, "H")) {
            DeviceAccess access = pages.buffer().access(hp.device(), AccessMode.READ_WRITE);
            int[] awaited = {0};
            for (int i = 0; i < 3; i++) {
                access.completesWith(() -> {
                    awaited[0]++;
                    assertThat(pages.picture()).isEqualTo("D");
                    assertThat(pages.buffer().evict().outcomes().count(PageOutcome.ACCESSED))
                            .isEqualTo(1);
                });
            }
            access.close();
            assertThat(awaited[0]).isEqualTo(3);
            assertThat(pages.buffer().evict().complete()).isTrue();
        }
    }
}
