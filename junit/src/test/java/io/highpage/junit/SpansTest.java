// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceInfo;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Residency;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

/** Buffers in spans, on each device: a buffer may be larger than the device. */
@ExtendWith(HighpageLeakCheck.class)
class SpansTest {
    private static final long MIB = 1 << 20;
    private static final long SPAN = 2 * MIB;
    private static final long LIMIT = 2 * SPAN;
    private static final int SPANS = 8; // four times what the device may take
    private static final Allocation IN_SPANS = Allocation.defaults().spanBytes(SPAN);

    private static Highpage open(DeviceInfo device) {
        return Highpage.builder().device(device.open()).deviceMemory(LIMIT).open();
    }

    private static byte[] random(long bytes) {
        byte[] made = new byte[(int) bytes];
        new Random(bytes).nextBytes(made);
        return made;
    }

    private static void check(PageBuffer buffer, byte[] expected) {
        byte[] read = new byte[expected.length];
        buffer.read(0, MemorySegment.ofArray(read));
        assertThat(MemorySegment.ofArray(read).mismatch(MemorySegment.ofArray(expected)))
                .as("first wrong byte")
                .isEqualTo(-1);
    }

    @ForEachDevice
    void bufferLargerThanTheDevice_isWorkedThroughSpanBySpan(DeviceInfo device) {
        try (Highpage hp = open(device);
                PageBuffer buffer = hp.allocate(SPANS * SPAN - 5, IN_SPANS)) {
            assertThat(buffer.spanBytes()).isEqualTo(SPAN);
            byte[] bytes = random(SPANS * SPAN - 5);
            buffer.write(0, MemorySegment.ofArray(bytes));
            for (long at = 0; at < bytes.length; at += SPAN) {
                long size = Math.min(SPAN, bytes.length - at);
                try (DeviceAccess access =
                        buffer.range(at, size).access(hp.device(), AccessMode.READ_WRITE)) {
                    assertThat(access.byteSize()).isEqualTo(size);
                    assertThat(hp.device().usedBytes()).isBetween(SPAN, LIMIT);
                }
                assertThat(buffer.range(at, 1).residency().count(Residency.DEVICE))
                        .isOne();
                if (at % LIMIT != 0) {
                    assertThat(buffer.range(at - SPAN, SPAN + size).evict().complete())
                            .isTrue();
                    assertThat(hp.device().usedBytes()).as("given back by span").isZero();
                }
            }
            check(buffer, bytes);
        }
    }

    @ForEachDevice
    void span_whoseLastPageLeaves_leavesTheDevice(DeviceInfo device) {
        try (Highpage hp = open(device);
                PageBuffer buffer = hp.allocate(3 * SPAN, IN_SPANS)) {
            buffer.fill((byte) 3);
            long page = buffer.pageBytes();
            assertThat(buffer.range(SPAN - page, 2 * page).prefetch(hp.device()).complete())
                    .isTrue();
            assertThat(hp.device().usedBytes()).as("two spans").isEqualTo(2 * SPAN);
            MoveReport third = buffer.range(2 * SPAN, page).prefetch(hp.device());
            assertThat(third.outcomes().count(PageOutcome.NO_DEVICE_MEMORY)).isOne();
            assertThat(third.failure().orElseThrow())
                    .isInstanceOf(OutOfPageMemoryException.class)
                    .hasMessageContaining("in use " + LIMIT + " of " + LIMIT);
            assertThat(buffer.range(SPAN - page, page).evict().complete()).isTrue();
            assertThat(hp.device().usedBytes()).as("one span").isEqualTo(SPAN);
            assertThat(buffer.range(2 * SPAN, page).prefetch(hp.device()).complete())
                    .isTrue();
        }
    }

    @ForEachDevice
    void access_acrossSpans_isRefused_andNamesSpanAndOption(DeviceInfo device) {
        try (Highpage hp = open(device);
                PageBuffer buffer = hp.allocate(2 * SPAN, IN_SPANS)) {
            assertThatThrownBy(() -> buffer.range(SPAN - 1, 2).access(hp.device(), AccessMode.READ))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bytes " + (SPAN - 1) + ".." + (SPAN + 1))
                    .hasMessageContaining("spans have " + SPAN + " bytes")
                    .hasMessageContaining("ends at byte " + SPAN)
                    .hasMessageContaining("Allocation.spanBytes");
            assertThat(hp.device().usedBytes()).isZero();
            buffer.range(SPAN, SPAN).access(hp.device(), AccessMode.READ).close();
        }
    }

    /** Everything but an access: with pages of both spans on the device, at home, and absent. */
    @ForEachDevice
    void otherOperations_crossSpans(DeviceInfo device) {
        try (Highpage hp = open(device);
                PageBuffer buffer = hp.allocate(2 * SPAN, IN_SPANS);
                PageBuffer other = hp.allocate(2 * SPAN)) {
            byte[] bytes = random(2 * SPAN);
            buffer.write(0, MemorySegment.ofArray(bytes));
            toDevice(hp, buffer);
            check(buffer, bytes);
            toDevice(hp, buffer);
            buffer.range(SPAN / 2, SPAN).copyTo(other, 7);
            toDevice(hp, buffer);
            other.range(7, SPAN).copyTo(buffer, SPAN / 2);
            check(buffer, bytes);
            toDevice(hp, buffer);
            buffer.range(1, SPAN).copyTo(buffer, SPAN / 2);
            System.arraycopy(bytes, 1, bytes, (int) SPAN / 2, (int) SPAN);
            toDevice(hp, buffer);
            check(buffer, bytes);
            toDevice(hp, buffer);
            buffer.range(SPAN - 100, 200).fill((byte) 0);
            Arrays.fill(bytes, (int) SPAN - 100, (int) SPAN + 100, (byte) 0);
            toDevice(hp, buffer);
            try (Hold hold = buffer.range(5, 2 * SPAN - 9).hold()) {
                for (Hold.Pieces pieces = hold.pieces(); pieces.next(); ) {
                    MemorySegment expected = MemorySegment.ofArray(bytes)
                            .asSlice(5 + pieces.offset(), pieces.byteSize());
                    assertThat(pieces.slice().mismatch(expected)).isEqualTo(-1);
                }
            }
            toDevice(hp, buffer);
            try (Pin pin = buffer.range(SPAN - 9, 18).pin(Pin.longTerm())) {
                assertThat(pin.segment()
                                .mismatch(MemorySegment.ofArray(bytes).asSlice(SPAN - 9, 18)))
                        .isEqualTo(-1);
            }
            check(buffer, bytes);
        }
    }

    @Test
    void sizes_ofSpans_areCheckedAndTold() {
        assertThatThrownBy(() -> Allocation.defaults().spanBytes(3 * MIB))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("spanBytes=" + 3 * MIB);
        assertThatThrownBy(() -> Allocation.defaults().spanBytes(MIB))
                .isInstanceOf(IllegalArgumentException.class);
        try (Highpage hp = Highpage.builder().device(HostDevice.coherent(LIMIT)).open()) {
            assertThatThrownBy(() -> hp.allocate(SPAN, IN_SPANS.pageBytes(2 * SPAN)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("less than a page");
            assertThatThrownBy(() -> hp.allocate((1L << 20) * SPAN + 1, IN_SPANS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("take larger spans");
            assertThat(hp.allocate(SPAN - 1, IN_SPANS).spanBytes()).isEqualTo(SPAN);
            assertThat(hp.allocate(SPAN + 1, IN_SPANS).spanBytes()).isEqualTo(SPAN);
            assertThat(hp.allocate(3 * SPAN).spanBytes()).as("one").isEqualTo(3 * SPAN);
        }
    }

    /** To each span's first half, and a page of the second one. */
    private static void toDevice(Highpage hp, PageBuffer buffer) {
        for (long at = 0; at < buffer.byteSize(); at += SPAN) {
            TestPages.bring(buffer.range(at, SPAN / 2), hp.device());
            TestPages.bring(
                    buffer.range(at + SPAN - buffer.pageBytes(), buffer.pageBytes()), hp.device());
        }
    }
}
