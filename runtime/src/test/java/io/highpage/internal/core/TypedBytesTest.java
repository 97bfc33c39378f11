// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.highpage.DeviceAccess;
import io.highpage.PageRange;
import io.highpage.device.DeviceKind;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.PagesBusyException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.ShortBuffer;
import java.util.List;
import java.util.function.Function;

class TypedBytesTest {
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    private static final ByteOrder OTHER =
            NATIVE == ByteOrder.BIG_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;

    /** Each kind of number, as a view of bytes. */
    private static final List<Function<ByteBuffer, Buffer>> VIEWS = List.of(
            bytes -> bytes,
            ByteBuffer::asCharBuffer,
            ByteBuffer::asShortBuffer,
            ByteBuffer::asIntBuffer,
            ByteBuffer::asLongBuffer,
            ByteBuffer::asFloatBuffer,
            ByteBuffer::asDoubleBuffer);

    @RegisterExtension
    final AtRest rest = new AtRest();

    private PageRuntime runtime;
    private PageRange range;
    private byte[] bytes;

    @BeforeEach
    void open() {
        runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        Scene scene = Scene.of(runtime, "HDH");
        range = scene.buffer.range(4088, 4096);
        bytes = new byte[4096];
        System.arraycopy(scene.bytes, 4088, bytes, 0, bytes.length);
    }

    @Test
    void arrays_andBuffersAroundThem_areTheBytesInTheMachinesOrder() {
        MemorySegment expected = MemorySegment.ofArray(bytes);
        float[] floats = new float[5];
        range.read(3, floats);
        int[] ints = new int[5];
        range.read(3, ints);
        double[] doubles = new double[5];
        range.read(3, DoubleBuffer.wrap(doubles));
        short[] shorts = new short[5];
        range.read(3, ShortBuffer.wrap(shorts));
        char[] chars = new char[5];
        range.read(3, CharBuffer.wrap(chars));
        long[] longs = new long[5];
        range.read(3, LongBuffer.wrap(longs));
        for (MemorySegment read : List.of(
                MemorySegment.ofArray(floats),
                MemorySegment.ofArray(ints),
                MemorySegment.ofArray(doubles),
                MemorySegment.ofArray(shorts),
                MemorySegment.ofArray(chars),
                MemorySegment.ofArray(longs))) {
            assertThat(read.mismatch(expected.asSlice(3, read.byteSize()))).isEqualTo(-1);
        }
        range.write(1, new float[] {1.5f});
        range.write(5, new int[] {7});
        range.write(9, LongBuffer.wrap(new long[] {0, 8, 9}, 1, 1));
        range.write(17, new byte[] {4});
        assertThat(range.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 1)).isEqualTo(1.5f);
        assertThat(range.get(ValueLayout.JAVA_INT_UNALIGNED, 5)).isEqualTo(7);
        assertThat(range.get(ValueLayout.JAVA_LONG_UNALIGNED, 9)).isEqualTo(8);
        assertThat(range.get(ValueLayout.JAVA_BYTE, 17)).isEqualTo((byte) 4);
    }

    @Test
    void buffers_arePositionToLimit_andMoveTheirPosition() {
        for (Function<ByteBuffer, Buffer> view : VIEWS) {
            for (ByteBuffer memory :
                    List.of(ByteBuffer.allocate(800), ByteBuffer.allocateDirect(800))) {
                Buffer target = view.apply(memory.position(16).order(NATIVE));
                int from = 2;
                int to = target.capacity() - 3;
                target.limit(to).position(from);
                int size = memory.remaining() / target.capacity();
                range.read(5, target);
                assertThat(target.position()).isEqualTo(to);
                int start = target instanceof ByteBuffer ? from : 16 + from * size;
                int length = (to - from) * size;
                MemorySegment read = MemorySegment.ofBuffer(memory.duplicate().clear());
                assertThat(read.asSlice(start, length)
                                .mismatch(MemorySegment.ofArray(bytes).asSlice(5, length)))
                        .as("%s", target)
                        .isEqualTo(-1);
                assertThat(read.asSlice(0, start).mismatch(MemorySegment.ofArray(new byte[start])))
                        .isEqualTo(-1);
                target.position(from);
                range.write(3000, target);
                assertThat(target.position()).isEqualTo(to);
                byte[] back = new byte[length];
                range.read(3000, back);
                assertThat(MemorySegment.ofArray(back).mismatch(read.asSlice(start, length)))
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void numbersOfTheOtherOrder_areRefusedWithTheWayOut_andBytesAreNot() {
        for (Function<ByteBuffer, Buffer> view : VIEWS) {
            for (ByteBuffer memory :
                    List.of(ByteBuffer.allocate(16), ByteBuffer.allocateDirect(16))) {
                Buffer other = view.apply(memory.order(OTHER));
                if (other instanceof ByteBuffer) {
                    range.read(0, other);
                    continue;
                }
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> range.read(0, other))
                        .withMessageContaining(OTHER.toString())
                        .withMessageContaining("order(ByteOrder.nativeOrder())");
                assertThatIllegalArgumentException().isThrownBy(() -> range.write(0, other));
                assertThat(other.position()).isZero();
            }
        }
    }

    @Test
    void readOnlyBuffers_canBeWrittenFrom_andNotReadInto() {
        IntBuffer numbers = IntBuffer.wrap(new int[] {1, 2}).asReadOnlyBuffer();
        assertThatExceptionOfType(ReadOnlyBufferException.class)
                .isThrownBy(() -> range.read(0, numbers));
        range.write(0, numbers);
        int[] back = new int[2];
        range.read(0, back);
        assertThat(back).containsExactly(1, 2);
    }

    @Test
    void bufferWhoseCopyFails_staysWhereItIs() {
        FloatBuffer few = FloatBuffer.allocate(1025);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> range.read(0, few))
                .withMessageContaining("offset=0 byteSize=4100");
        assertThat(few.position()).isZero();
        PageRuntime other = rest.open(Scene.device(DeviceKind.PRIVATE)).runtime();
        Scene scene = Scene.of(other, "D");
        try (DeviceAccess access = scene.buffer.access(other.device(), AccessMode.READ_WRITE)) {
            assertThatExceptionOfType(PagesBusyException.class)
                    .isThrownBy(() -> scene.buffer.write(0, FloatBuffer.allocate(4)));
        }
    }

    @Test
    void values_haveTheOrderOfTheirLayout() {
        range.set(ValueLayout.JAVA_INT.withOrder(OTHER), 8, 0x01020304);
        assertThat(range.get(ValueLayout.JAVA_INT, 8)).isEqualTo(0x04030201);
        range.set(ValueLayout.JAVA_LONG.withOrder(OTHER), 8, 5);
        assertThat(range.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(Long.reverseBytes(5));
        range.set(ValueLayout.JAVA_FLOAT.withOrder(OTHER), 8, 2.5f);
        assertThat(range.get(ValueLayout.JAVA_FLOAT.withOrder(OTHER), 8)).isEqualTo(2.5f);
        range.set(ValueLayout.JAVA_DOUBLE, 16, -0.5);
        assertThat(range.get(ValueLayout.JAVA_DOUBLE, 16)).isEqualTo(-0.5);
        range.set(ValueLayout.JAVA_BYTE, 4095, (byte) 9);
        assertThat(range.get(ValueLayout.JAVA_BYTE, 4095)).isEqualTo((byte) 9);
    }

    /** A value over the end of a page, which is home, and the next one, which is on a device. */
    @Test
    void values_overPagesInTwoPlaces_areWhole() {
        range.set(ValueLayout.JAVA_LONG_UNALIGNED, 5, 0x0102030405060708L);
        assertThat(range.get(ValueLayout.JAVA_LONG_UNALIGNED, 5)).isEqualTo(0x0102030405060708L);
    }

    @Test
    void values_areAlignedInTheBuffer_asTheirLayoutSays() {
        ValueLayout.OfInt wide = ValueLayout.JAVA_INT.withByteAlignment(64).withOrder(OTHER);
        range.set(wide, 8, 0x01020304);
        assertThat(range.get(wide, 8)).isEqualTo(0x01020304);
        assertThat(range.get(ValueLayout.JAVA_INT, 8)).isEqualTo(0x04030201);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> range.get(ValueLayout.JAVA_INT, 2))
                .withMessageContaining("offset=2")
                .withMessageContaining("byte 4090 of the buffer, which is no multiple of 4")
                .withMessageContaining("JAVA_INT_UNALIGNED");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> range.set(ValueLayout.JAVA_DOUBLE, 4, 1));
    }

    /** It has no array, and no address: Java would say that a heap buffer has none. */
    @Test
    void charsOfAString_areRefusedInWords() {
        for (CharBuffer chars : List.of(CharBuffer.wrap("ab"), CharBuffer.wrap("ab", 1, 1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> range.write(0, chars))
                    .withMessageContaining("CharBuffer.wrap(CharSequence)")
                    .withMessageContaining("String.toCharArray");
        }
        range.write(0, CharBuffer.wrap("ab".toCharArray()).asReadOnlyBuffer());
        assertThat(range.get(ValueLayout.JAVA_BYTE, 2)).isEqualTo((byte) 'b');
    }
}
