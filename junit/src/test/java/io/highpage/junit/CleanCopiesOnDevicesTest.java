// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceInfo;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Bytes that are valid at home and on a device, on each device that there is. */
@ExtendWith(HighpageLeakCheck.class)
class CleanCopiesOnDevicesTest {
    private static final int BYTES = 40_000;
    private static final Terms READ = Terms.defaults().mode(AccessMode.READ);

    private static byte[] random() {
        byte[] bytes = new byte[BYTES];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    private static void check(PageBuffer buffer, byte[] expected) {
        byte[] read = new byte[expected.length];
        buffer.read(0, MemorySegment.ofArray(read));
        assertThat(read).isEqualTo(expected);
    }

    @ForEachDevice
    void readingPinAndReadingKernel_haveThePagesTogether_onceTheyWerePrefetched(DeviceInfo device) {
        byte[] bytes = random();
        try (Highpage hp = Highpage.builder().device(device.open()).open();
                PageBuffer buffer = hp.allocate(BYTES)) {
            buffer.write(0, MemorySegment.ofArray(bytes));
            try (Pin pin = buffer.pin(READ)) {
                assertThat(pin.segment().mismatch(MemorySegment.ofArray(bytes))).isEqualTo(-1);
                assertThatThrownBy(() -> buffer.access(hp.device(), AccessMode.READ))
                        .isInstanceOf(PagesBusyException.class)
                        .hasMessageContaining("prefetch");
            }
            assertThat(buffer.prefetch(hp.device()).complete()).isTrue();
            try (Pin pin = buffer.pin(READ);
                    DeviceAccess access = buffer.access(hp.device(), AccessMode.READ)) {
                assertThat(pin.segment().mismatch(MemorySegment.ofArray(bytes))).isEqualTo(-1);
                TestPages.onDevice(
                        access,
                        kernels -> assertThat(kernels.mismatch(MemorySegment.ofArray(bytes)))
                                .isEqualTo(-1));
                check(buffer, bytes);
            }
            assertThat(buffer.evict().complete()).isTrue();
            assertThat(hp.device().usedBytes()).isZero();
            check(buffer, bytes);
        }
    }

    @ForEachDevice
    void bytesOfAKernelAndOfTheProgramInTurn_areAlwaysTheNewest(DeviceInfo device) {
        byte[] bytes = random();
        try (Highpage hp = Highpage.builder().device(device.open()).open();
                PageBuffer buffer = hp.allocate(BYTES)) {
            buffer.write(0, MemorySegment.ofArray(bytes));
            for (int turn = 0; turn < 4; turn++) {
                byte value = (byte) turn;
                assertThat(buffer.prefetch(hp.device()).complete()).isTrue();
                check(buffer, bytes);
                bytes[turn] = value; // of the first page only
                buffer.write(turn, MemorySegment.ofArray(bytes).asSlice(turn, 1));
                check(buffer, bytes);
                try (DeviceAccess access = buffer.access(hp.device(), AccessMode.READ_WRITE)) {
                    boolean ran = TestPages.onDevice(
                            access,
                            kernels -> kernels.asSlice(BYTES - 1 - value, 1).fill(value));
                    bytes[BYTES - 1 - value] = ran ? value : bytes[BYTES - 1 - value];
                }
                check(buffer, bytes);
                try (Pin pin = buffer.pin(READ)) {
                    assertThat(pin.segment().mismatch(MemorySegment.ofArray(bytes)))
                            .isEqualTo(-1);
                }
                try (Pin pin = buffer.pin(Pin.longTerm())) {
                    pin.segment().asSlice(100, 1).fill(value);
                    bytes[100] = value;
                }
            }
            check(buffer, bytes);
        }
    }
}
