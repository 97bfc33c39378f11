// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.junit.HighpageLeakCheck;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

@ExtendWith(HighpageLeakCheck.class)
class BuffersTest {
    private static final long BYTES = 1 << 16;

    @Test
    void aPinIsAByteBufferOfTheSameMemoryWhileItIsOpen() {
        try (Highpage runtime = runtime();
                PageBuffer buffer = runtime.allocate(BYTES)) {
            Pin pin = buffer.pin(Pin.longTerm(), 4, 8);
            ByteBuffer bytes = Buffers.of(pin);
            assertThat(bytes.isDirect()).isTrue();
            assertThat(bytes.order()).isEqualTo(ByteOrder.nativeOrder());
            assertThat(bytes.remaining()).isEqualTo(8);
            assertThat(MemorySegment.ofBuffer(bytes).address())
                    .isEqualTo(pin.segment().address());
            bytes.putInt(4, 77);
            assertThat(pin.segment().get(ValueLayout.JAVA_INT_UNALIGNED, 4)).isEqualTo(77);
            pin.close();
            assertThatIllegalStateException().isThrownBy(() -> bytes.getInt(0));
            assertThatIllegalStateException().isThrownBy(() -> Buffers.of(pin));
        }
    }

    @Test
    void aPinBeyondTheEndOfByteBuffersIsRefusedWithItsSize() {
        long largest = Integer.MAX_VALUE - 8;
        try (Highpage runtime = runtime();
                PageBuffer buffer = runtime.allocate(largest + 1)) {
            try (Pin pin = buffer.pin(Pin.longTerm(), 0, largest)) {
                assertThat(Buffers.of(pin).capacity()).isEqualTo((int) largest);
            }
            try (Pin pin = buffer.pin(Pin.longTerm())) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Buffers.of(pin))
                        .withMessageContaining("at most 2147483639 bytes")
                        .withMessageContaining("byteSize=2147483640");
            }
        }
    }

    private static Highpage runtime() {
        return Highpage.builder().device(HostDevice.coherent(BYTES)).open();
    }
}
