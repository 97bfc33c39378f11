// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.highpage.host.HostDevice;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

class PinByteBufferTest {
    private static final long BYTES = 1 << 16;

    @Test
    void aPinIsAByteBufferOfTheSameMemoryWhileItIsOpen() {
        try (Highpage runtime = runtime();
                PageBuffer buffer = runtime.allocate(BYTES)) {
            Pin pin = buffer.range(4, 8).pin(Pin.longTerm());
            ByteBuffer bytes = pin.asByteBuffer();
            assertThat(bytes.isDirect()).isTrue();
            assertThat(bytes.order()).isEqualTo(ByteOrder.nativeOrder());
            assertThat(bytes.remaining()).isEqualTo(8);
            assertThat(MemorySegment.ofBuffer(bytes).address())
                    .isEqualTo(pin.segment().address());
            bytes.putInt(4, 77);
            assertThat(pin.segment().get(ValueLayout.JAVA_INT_UNALIGNED, 4)).isEqualTo(77);
            pin.close();
            assertThatIllegalStateException().isThrownBy(() -> bytes.getInt(0));
            assertThatIllegalStateException().isThrownBy(() -> pin.asByteBuffer());
        }
    }

    @Test
    void aPinBeyondTheEndOfByteBuffersIsRefusedWithItsSize() {
        long largest = Integer.MAX_VALUE - 8;
        try (Highpage runtime = runtime();
                PageBuffer buffer = runtime.allocate(largest + 1)) {
            try (Pin pin = buffer.range(0, largest).pin(Pin.longTerm())) {
                assertThat(pin.asByteBuffer().capacity()).isEqualTo((int) largest);
            }
            try (Pin pin = buffer.pin(Pin.longTerm())) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> pin.asByteBuffer())
                        .withMessageContaining("at most 2147483639 bytes")
                        .withMessageContaining("byteSize=2147483640");
            }
        }
    }

    private static Highpage runtime() {
        return Highpage.builder().device(HostDevice.coherent(BYTES)).open();
    }
}
