// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static io.highpage.junit.TestPages.PAGE;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceInfo;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * The situations of Linux's tests for device memory, on two devices of each kind: moving pages,
 * faulting them back, two devices at once. The ids are those of docs/kernel-correspondence.md.
 */
@ForEachDevice
@ExtendWith(HighpageLeakCheck.class)
class KernelMigrateTest {
    private static final int HUGE = 2 << 20;
    private static final int REPEATS = 10;

    private final DeviceInfo info;
    private Highpage hp;

    KernelMigrateTest(DeviceInfo info) {
        this.info = info;
    }

    @BeforeEach
    void open() {
        hp = Highpage.builder().device(info.open()).device(info.open()).open();
    }

    @AfterEach
    void close() {
        hp.close();
        hp.devices().forEach(device -> assertThat(device.usedBytes()).isZero());
    }

    private Device other() {
        return hp.devices().get(1);
    }

    private static void assertAllAre(PageBuffer buffer, byte value) {
        byte[] bytes = new byte[(int) buffer.byteSize()];
        buffer.read(0, MemorySegment.ofArray(bytes));
        byte[] expected = new byte[bytes.length];
        Arrays.fill(expected, value);
        assertThat(Arrays.mismatch(bytes, expected)).as("first wrong byte").isEqualTo(-1);
    }

    // T01
    @Test
    void device_openedAndClosed_leavesNothing() {
        info.open().close();
        try (Highpage unused = Highpage.builder().device(info.open()).open()) {
            assertThat(unused.device().usedBytes()).isZero();
        }
    }

    // T02, T18: the device reads a range that is partly untouched, in a new buffer each time.
    @Test
    void kernelRead_ofBuffersPartlyUntouched_seesZerosThenBytes() {
        for (int i = 0; i < REPEATS; i++) {
            try (TestPages pages = TestPages.of(hp, "..HHHH".substring(i % 2));
                    DeviceAccess access = pages.buffer().access(hp.device(), AccessMode.READ)) {
                assertThat(pages.picture()).matches("D+");
                TestPages.onDevice(access, segment -> pages.checkSegment(segment, 0));
            }
        }
    }

    // T04, T11: no page of the buffer was ever touched at home.
    @Test
    void kernelWrite_toAnUntouchedBuffer_isSeenAtHome() {
        try (PageBuffer buffer = hp.allocate(16 * PAGE, PAGE)) {
            boolean ran;
            try (DeviceAccess access = buffer.access(hp.device(), AccessMode.READ_WRITE)) {
                ran = TestPages.onDevice(access, segment -> segment.fill((byte) 9));
            }
            assertAllAre(buffer, (byte) (ran ? 9 : 0));
        }
    }

    // T05, T25: reading is allowed, writing is not, until an access says that it will write.
    @Test
    void kernelWrite_throughAnAccessForReading_isRefusedAndChangesNothing() {
        try (PageBuffer buffer = hp.allocate(4 * PAGE, PAGE)) {
            try (DeviceAccess access = buffer.access(hp.device(), AccessMode.READ)) {
                TestPages.onDevice(access, segment -> {
                    assertThat(segment.get(ValueLayout.JAVA_BYTE, 0)).isZero();
                    assertThatThrownBy(() -> segment.fill((byte) 1))
                            .isInstanceOf(IllegalArgumentException.class);
                });
            }
            assertAllAre(buffer, (byte) 0);
            boolean ran;
            try (DeviceAccess access = buffer.access(hp.device(), AccessMode.READ_WRITE)) {
                ran = TestPages.onDevice(access, segment -> segment.fill((byte) 1));
            }
            assertAllAre(buffer, (byte) (ran ? 1 : 0));
        }
    }

    // T08, T09, T32
    @Test
    void hugePages_writtenMovedAndReadBack_keepTheirBytes() {
        try (PageBuffer buffer = hp.allocate(2 * HUGE, HUGE)) {
            buffer.fill((byte) 3);
            assertThat(buffer.prefetch(hp.device()).movedPages()).isEqualTo(2);
            try (DeviceAccess access = buffer.access(hp.device(), AccessMode.READ_WRITE)) {
                TestPages.onDevice(
                        access, segment -> segment.asSlice(2 * HUGE - 1, 1).fill((byte) 3));
            }
            assertAllAre(buffer, (byte) 3);
            assertThat(buffer.residency().of(0)).isEqualTo(buffer.residency().of(1));
            buffer.evict();
            assertThat(TestPages.copiedHome(hp)).isEqualTo(2 * HUGE);
            assertAllAre(buffer, (byte) 3);
        }
    }

    // T29, T30, T36
    @Test
    void hugePages_neverWritten_arriveZeroedThoughDeviceMemoryIsDirty() {
        try (PageBuffer dirty = hp.allocate(HUGE, HUGE)) {
            dirty.range(0, HUGE).fill((byte) 0xff);
            assertThat(dirty.prefetch(hp.device()).complete()).isTrue();
        }
        try (PageBuffer buffer = hp.allocate(HUGE, HUGE)) {
            assertThat(buffer.prefetch(hp.device()).movedPages()).isEqualTo(1);
            assertAllAre(buffer, (byte) 0);
        }
    }

    // T31: the buffer goes while its pages are on the device.
    @Test
    void buffer_closedWithPagesOnTheDevice_givesDeviceMemoryBack() {
        try (TestPages pages = TestPages.of(hp, "DDDD")) {
            assertThat(hp.device().usedBytes()).isPositive();
        }
        assertThat(hp.device().usedBytes()).isZero();
    }

    // T12, T38
    @Test
    void prefetch_ofFilledPages_movesEachWithItsBytes() {
        try (TestPages pages = TestPages.of(hp, "H".repeat(64))) {
            MoveReport report = pages.buffer().prefetch(hp.device());
            assertThat(report.movedPages()).isEqualTo(64);
            assertThat(report.complete()).isTrue();
            try (DeviceAccess access = pages.buffer().access(hp.device(), AccessMode.READ)) {
                TestPages.onDevice(access, segment -> pages.checkSegment(segment, 0));
            }
        }
    }

    // T13
    @Test
    void read_ofHalfAfterPrefetch_bringsPrivatePagesHomeAndReadsCoherentOnesInPlace() {
        try (TestPages pages = TestPages.of(hp, "DDDDDD")) {
            byte[] half = new byte[3 * PAGE];
            pages.buffer().read(0, MemorySegment.ofArray(half));
            pages.checkSegment(MemorySegment.ofArray(half), 0);
            assertThat(pages.picture()).isEqualTo("DDDDDD"); // reading leaves the device's valid

            MoveReport again = pages.buffer().prefetch(hp.device());
            assertThat(again.complete()).isTrue();
            assertThat(again.movedPages()).isZero();
            pages.checkBytes();
        }
    }

    // T14: the device wants its memory back.
    @Test
    void evict_ofEverything_emptiesTheDeviceAndKeepsTheBytes() {
        try (TestPages pages = TestPages.of(hp, "DDHD.D")) {
            assertThat(pages.buffer().evict().complete()).isTrue();
            assertThat(pages.picture()).isEqualTo("HHHH.H");
            assertThat(hp.device().usedBytes()).isZero();
            assertThat(TestPages.copiedHome(hp)).isEqualTo(4 * PAGE);
            pages.checkBytes();
        }
    }

    // T15: Linux moves no shared memory; buffers know of no such difference.
    @Test
    void prefetch_ofUntouchedPages_movesThemAsZeros() {
        try (PageBuffer buffer = hp.allocate(8 * PAGE, PAGE)) {
            assertThat(buffer.prefetch(hp.device()).movedPages()).isEqualTo(8);
            assertAllAre(buffer, (byte) 0);
        }
    }

    // T16: bad ranges first, then pages of every kind, one of them on another device.
    @Test
    void prefetch_ofMixedPages_takesWhatMayComeAndLeavesTheOtherDevicesPage() {
        try (TestPages pages = TestPages.of(hp, "..HHHH")) {
            PageBuffer buffer = pages.buffer();
            assertThatThrownBy(() -> buffer.range(0, 7L * PAGE).prefetch(hp.device()))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            buffer.range(5L * PAGE, PAGE).access(other(), AccessMode.READ_WRITE).close();

            MoveReport report = buffer.prefetch(hp.device());
            assertThat(report.outcomes()).hasToString("pages 0-4 moved, page 5 on another device");
            assertThat(report.complete()).isFalse();
            assertThat(other().usedBytes()).isPositive();
            pages.checkBytes();
        }
    }

    // T17
    @Test
    void buffers_movedThereAndBackTenTimes_keepTheirBytes() {
        for (int i = 0; i < REPEATS; i++) {
            try (TestPages pages = TestPages.of(hp, "H".repeat(16 + i))) {
                assertThat(pages.buffer().prefetch(hp.device()).movedPages()).isEqualTo(16 + i);
                TestPages.bring(pages.buffer(), hp.device());
                long before = TestPages.copiedHome(hp);
                assertThat(pages.buffer().evict().movedPages()).isEqualTo(16 + i);
                assertThat(TestPages.copiedHome(hp) - before).isEqualTo((16L + i) * PAGE);
                pages.checkBytes();
            }
        }
    }

    // T19: the memory goes while another thread uses it.
    @Test
    void close_whileAnotherThreadReads_readsRightOrFailsAsClosed() throws Exception {
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            for (int i = 0; i < 20 * REPEATS; i++) {
                PageBuffer buffer = hp.allocate(32 * PAGE, PAGE);
                buffer.fill((byte) 5);
                TestPages.bring(buffer, hp.device());
                Future<?> reader = executor.submit(() -> {
                    try {
                        assertAllAre(buffer, (byte) 5);
                    } catch (IllegalStateException closed) {
                        assertThat(closed).hasMessageContaining("is closed");
                    }
                });
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(32_000));
                closeWhenFree(buffer);
                reader.get();
            }
        }
    }

    private static void closeWhenFree(PageBuffer buffer) {
        while (buffer.isOpen()) {
            try {
                buffer.close();
            } catch (IllegalStateException inUse) {
                Thread.onSpinWait();
            }
        }
    }

    // T21
    @Test
    void residency_ofPagesOfEveryKind_saysWhereEachIs() {
        try (TestPages pages = TestPages.of(hp, ".HHD")) {
            pages.buffer()
                    .range(2 * PAGE, PAGE)
                    .access(other(), AccessMode.READ_WRITE)
                    .close();
            assertThat(pages.picture()).isEqualTo(".HDD");
            assertThat(pages.buffer().range(PAGE, 2 * PAGE).residency()).hasToString("HD");
            // Which device a page is on: only the other one's is refused.
            assertThat(pages.buffer()
                            .range(2 * PAGE, 2 * PAGE)
                            .prefetch(hp.device())
                            .outcomes())
                    .hasToString("page 2 on another device, page 3 already in place");
        }
    }

    // T23: two devices use one range in turn; neither sees what the other had before.
    @Test
    void access_byTwoDevicesInTurn_seesTheSameBytes() {
        try (TestPages pages = TestPages.of(hp, "HHHHHH")) {
            for (Device device : new Device[] {hp.device(), other(), hp.device()}) {
                try (DeviceAccess access = pages.buffer().access(device, AccessMode.READ_WRITE)) {
                    boolean ran = TestPages.onDevice(access, segment -> {
                        pages.checkSegment(segment, 0);
                        segment.asSlice(0, 10).fill((byte) device.name().length());
                    });
                    if (ran) {
                        Arrays.fill(pages.bytes(), 0, 10, (byte) device.name().length());
                    }
                }
            }
            pages.checkBytes();
        }
    }

    // T23: the same page in two places is two buffers here; a page has one home and one place.
    @Test
    void access_byTwoDevicesAtOnce_isRefusedToTheSecond() {
        try (TestPages pages = TestPages.of(hp, "HH");
                DeviceAccess first = pages.buffer().access(hp.device(), AccessMode.READ)) {
            assertThatThrownBy(() -> pages.buffer().access(other(), AccessMode.READ))
                    .isInstanceOfSatisfying(
                            PagesBusyException.class,
                            busy -> assertThat(busy.reason()).isEqualTo(PageOutcome.ACCESSED));
        }
    }

    // T24: nobody takes a page from a device that uses it; afterwards it is an ordinary page again.
    @Test
    void access_open_keepsPagesFromTheCpuOfAPrivateDevice() {
        try (TestPages pages = TestPages.of(hp, "HHH")) {
            try (DeviceAccess access = pages.buffer().access(hp.device(), AccessMode.READ_WRITE)) {
                if (pages.coherent()) {
                    pages.checkBytes();
                } else {
                    assertThatThrownBy(pages::checkBytes).isInstanceOf(PagesBusyException.class);
                }
                assertThat(pages.buffer().evict().outcomes().count(PageOutcome.ACCESSED))
                        .isEqualTo(3);
            }
            pages.checkBytes();
            pages.bytes()[0]++;
            pages.buffer().write(0, MemorySegment.ofArray(pages.bytes()).asSlice(0, 1));
            pages.checkBytes();
        }
    }

    // T33
    @Test
    void evict_ofAPartAtAnyOffset_leavesTheRestOnTheDevice() {
        for (int from : new int[] {0, 2, 4}) {
            try (TestPages pages = TestPages.of(hp, "DDDDDDDD")) {
                assertThat(pages.buffer()
                                .range((long) from * PAGE, 4 * PAGE)
                                .evict()
                                .movedPages())
                        .isEqualTo(4);
                assertThat(pages.picture())
                        .isEqualTo("D".repeat(from) + "HHHH" + "D".repeat(4 - from));
                pages.checkBytes();
            }
        }
    }

    // T35, B14: the device has no memory, once, in the way there; what was set up for the move is
    // undone.
    @Test
    void prefetch_refusedOnceByTheDevice_leavesAllAtHomeAndWorksTheNextTime() {
        BreakableDevice device = new BreakableDevice(info.open());
        try (Highpage own = Highpage.builder().device(device).open();
                TestPages pages = TestPages.of(own, "HH.H")) {
            device.beforeAllocate = () -> {
                throw new io.highpage.outcome.OutOfPageMemoryException(
                        "none left", true, PAGE, null);
            };
            MoveReport report = pages.buffer().prefetch(own.device());
            assertThat(report.outcomes().count(PageOutcome.NO_DEVICE_MEMORY)).isEqualTo(4);
            assertThat(pages.picture()).isEqualTo("HH.H");
            assertThat(own.device().usedBytes()).isZero();

            device.mend();
            assertThat(pages.buffer().prefetch(own.device()).complete()).isTrue();
            TestPages.bring(pages.buffer(), own.device());
            pages.checkBytes();
        }
    }

    // A50, D10: only a private device is behind a wall.
    @Test
    void deviceMemory_touchedByTheCpu_isThereOnACoherentDeviceOnly() {
        try (TestPages pages = TestPages.of(hp, "D");
                DeviceAccess access = pages.buffer().access(hp.device(), AccessMode.READ)) {
            if (pages.coherent()) {
                pages.checkSegment(access.segment(), 0);
            } else if (hp.device().memory() instanceof HostDevice) {
                assertThatThrownBy(() -> access.segment().get(ValueLayout.JAVA_BYTE, 0))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
    }
}
