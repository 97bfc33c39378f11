// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceInfo;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.OutOfPageMemoryException;

import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Parts of a program with budgets of their own, on each device. */
@ExtendWith(HighpageLeakCheck.class)
class BudgetsTest {
    private static final long SPAN = Allocation.SPAN_BYTES_MIN;
    private static final Allocation IN_SPANS = Allocation.defaults().spanBytes(SPAN);
    private static final int SPANS = 5;

    private static byte[] bytes(int span) {
        byte[] bytes = new byte[(int) SPAN];
        Arrays.fill(bytes, (byte) (span + 1));
        return bytes;
    }

    @ForEachDevice
    void bufferLargerThanItsBudget_isUsedSpanBySpan_andOthersKeepWhatTheyHave(DeviceInfo found) {
        try (Highpage hp = Highpage.builder().device(found.open()).open();
                Budget cache = hp.budget("cache", 2 * SPAN).hostMemory(Long.MAX_VALUE);
                PageBuffer buffer = cache.allocate(SPANS * SPAN, IN_SPANS);
                PageBuffer other = hp.allocate(3 * SPAN, IN_SPANS)) {
            Device device = hp.device();
            assertThat(other.prefetch(device).complete()).isTrue();
            for (int round = 0; round < 2; round++) {
                for (int span = 0; span < SPANS; span++) {
                    if (round == 0) {
                        buffer.write(span * SPAN, MemorySegment.ofArray(bytes(span)));
                    }
                    buffer.range(span * SPAN, SPAN)
                            .access(device, AccessMode.READ_WRITE)
                            .close();
                    assertThat(cache.usedBytes(device)).isBetween(SPAN, 2 * SPAN);
                }
            }
            assertThat(hp.budget().usedBytes(device)).isEqualTo(5 * SPAN);
            assertThat(device.usedBytes()).isEqualTo(5 * SPAN);
            assertThat(cache.hostUsedBytes()).as("homes are kept").isEqualTo(SPANS * SPAN);
            byte[] read = new byte[(int) SPAN];
            for (int span = 0; span < SPANS; span++) {
                buffer.read(span * SPAN, MemorySegment.ofArray(read));
                assertThat(read).isEqualTo(bytes(span));
            }
        }
    }

    @ForEachDevice
    void budgetThatIsHeld_refusesMore_byName_andHasRoomAgainLater(DeviceInfo found) {
        try (Highpage hp = Highpage.builder().device(found.open()).open();
                Budget cache = hp.budget("cache", SPAN);
                PageBuffer first = cache.allocate(SPAN);
                PageBuffer second = cache.allocate(SPAN)) {
            Device device = hp.device();
            try (DeviceAccess held = first.access(device, AccessMode.READ_WRITE)) {
                assertThat(held.device()).isEqualTo(device);
                assertThatThrownBy(() -> second.access(device, AccessMode.READ_WRITE))
                        .isInstanceOf(OutOfPageMemoryException.class)
                        .hasMessageContaining("budget runtime/cache: requested " + SPAN)
                        .hasMessageContaining("in use " + SPAN + " of " + SPAN);
            }
            second.access(device, AccessMode.READ_WRITE).close();
            second.close();
            try (Pin pin = first.pin(Pin.longTerm())) {
                assertThat(cache.hostUsedBytes()).isEqualTo(SPAN);
                try (PageBuffer third = cache.allocate(SPAN)) {
                    assertThatThrownBy(() -> third.fill((byte) 1))
                            .isInstanceOf(OutOfPageMemoryException.class)
                            .hasMessageContaining("no host memory in budget runtime/cache");
                }
                assertThat(pin.segment().get(ValueLayout.JAVA_BYTE, 0)).isZero();
            }
        }
    }
}
