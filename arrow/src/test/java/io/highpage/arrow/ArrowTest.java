// SPDX-License-Identifier: Apache-2.0
package io.highpage.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.junit.HighpageLeakCheck;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Residency;
import io.highpage.outcome.Strength;
import io.highpage.testkit.JavaProcess;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

@ExtendWith(HighpageLeakCheck.class)
class ArrowTest {
    private static final int ROWS = 10_000;
    private static final long BYTES = 4L * ROWS;

    private Highpage runtime;
    private PageBuffer buffer;

    @BeforeEach
    void open() {
        runtime = Highpage.builder().device(HostDevice.privateMemory(2 * BYTES)).open();
        buffer = runtime.allocate(BYTES);
        int[] rows = new int[ROWS];
        Arrays.setAll(rows, row -> row * 3);
        buffer.write(0, MemorySegment.ofArray(rows));
        buffer.access(runtime.device(), AccessMode.READ_WRITE).close(); // not valid at home
    }

    @AfterEach
    void close() {
        buffer.close();
        runtime.close();
    }

    @Test
    void aPinThatOnlyReadsIsRefused() {
        try (Pin pin = buffer.pin(Pin.longTerm().mode(AccessMode.READ));
                BufferAllocator allocator = new RootAllocator()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Arrow.buffer(allocator, pin))
                    .withMessageContaining("of buffer 1 was taken to read only");
        }
    }

    @Test
    void aVectorReadsAndWritesThePagesOfAPin() {
        assertThat(buffer.residency().count(Residency.DEVICE)).isPositive();
        try (Pin pin = buffer.pin(Pin.longTerm());
                BufferAllocator allocator = new RootAllocator();
                ArrowBuf validity = allocator.buffer(ROWS);
                ArrowBuf values = Arrow.buffer(allocator, pin);
                IntVector vector = new IntVector("rows", allocator)) {
            assertThat(values.memoryAddress()).isEqualTo(pin.segment().address());
            assertThat(values.capacity()).isEqualTo(BYTES);
            validity.setOne(0L, ROWS);
            vector.loadFieldBuffers(new ArrowFieldNode(ROWS, 0), List.of(validity, values));
            assertThat(vector.getDataBuffer().memoryAddress())
                    .isEqualTo(pin.segment().address());
            for (int row = 0; row < ROWS; row++) {
                assertThat(vector.get(row)).isEqualTo(3 * row);
            }
            vector.set(5, 77);
            assertThat(pin.segment().getAtIndex(ValueLayout.JAVA_INT, 5)).isEqualTo(77);
        }
    }

    @Test
    void thePinStaysOpenUntilTheLastReferenceIsReleased_byWhicheverThread() throws Exception {
        try (BufferAllocator allocator = new RootAllocator()) {
            Pin pin = buffer.pin(Pin.longTerm().owner("table"));
            ArrowBuf whole = Arrow.buffer(allocator, pin);
            ArrowBuf slice = whole.slice(8, 16);
            slice.getReferenceManager().retain();
            assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
            assertThat(pin.verify().isConfirmed()).isTrue();
            whole.close();
            assertThatIllegalStateException()
                    .isThrownBy(pin::close)
                    .withMessageContaining("pin 'table'")
                    .withMessageContaining("its memory is registered")
                    .withMessageContaining("Arrow buffer of allocator 'ROOT'");
            assertThat(slice.getInt(0)).isEqualTo(6);
            Thread.ofPlatform().start(slice::close).join();
            pin.close();
            assertThat(allocator.getAllocatedMemory()).isZero();
        }
    }

    @Test
    void anAllocatorWithoutRoomKeepsNothing() {
        try (BufferAllocator allocator = new RootAllocator(BYTES - 1);
                Pin pin = buffer.pin(Pin.longTerm())) {
            assertThatThrownBy(() -> Arrow.buffer(allocator, pin))
                    .isInstanceOf(OutOfMemoryException.class);
        }
    }

    @Test
    void aClosedPinIsRefused() {
        try (BufferAllocator allocator = new RootAllocator()) {
            Pin pin = buffer.pin(Pin.longTerm());
            pin.close();
            assertThatIllegalStateException().isThrownBy(() -> Arrow.buffer(allocator, pin));
        }
    }

    @Test
    void aByteBufferOfAnArrowBufferNeedsAnOption() throws Exception {
        List<String> access = List.of("--enable-native-access=ALL-UNNAMED");
        assertThat(JavaProcess.fail(JavaProcess.of(access, NioBuffer.class)))
                .contains("UnsupportedOperationException")
                .contains("java.nio.DirectByteBuffer.<init>(long, int) not available");
        List<String> opened = List.of(
                "--enable-native-access=ALL-UNNAMED", "--add-opens=java.base/java.nio=ALL-UNNAMED");
        assertThat(JavaProcess.run(JavaProcess.of(opened, NioBuffer.class))).contains("42");
    }

    /** Run in a JVM of its own. */
    static final class NioBuffer {
        public static void main(String[] arguments) {
            try (Highpage runtime = Highpage.builder()
                            .device(HostDevice.coherent(BYTES))
                            .open();
                    PageBuffer buffer = runtime.allocate(BYTES);
                    BufferAllocator allocator = new RootAllocator();
                    Pin pin = buffer.pin(Pin.longTerm());
                    ArrowBuf bytes = Arrow.buffer(allocator, pin)) {
                bytes.setByte(3, 42);
                System.out.println(bytes.nioBuffer(0, 8).get(3));
            }
        }
    }
}
