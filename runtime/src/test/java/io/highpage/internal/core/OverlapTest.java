// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.Holder;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Residency;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

/**
 * Reads and writes whose other side is memory of the buffer itself, through every kind of segment
 * that gives it: the bytes are as through a temporary copy, wherever the pages are and however the
 * copy is cut.
 */
class OverlapTest {
    private static final int PAGE = Scene.PAGE;
    private static final int STRETCH = 16 << 20; // a longer copy is made of several

    @RegisterExtension
    final AtRest rest = AtRest.unchecked();

    /** How a program comes by memory of a buffer. */
    private enum Way {
        SEGMENT,
        BYTE_BUFFER,
        LONG_BUFFER,
        FORGED; // from the address, as Arrow and other native code have it

        @SuppressWarnings("restricted")
        MemorySegment of(MemorySegment segment) {
            return switch (this) {
                case SEGMENT -> segment;
                case BYTE_BUFFER -> MemorySegment.ofBuffer(segment.asByteBuffer());
                case LONG_BUFFER ->
                    MemorySegment.ofBuffer(segment.asByteBuffer().asLongBuffer());
                case FORGED ->
                    MemorySegment.ofAddress(segment.address()).reinterpret(segment.byteSize());
            };
        }
    }

    private static void write(
            PageBuffer buffer, byte[] bytes, int to, MemorySegment own, int from) {
        int length = Math.min((int) own.byteSize(), bytes.length - to);
        buffer.write(to, own.asSlice(0, length));
        System.arraycopy(bytes, from, bytes, to, length);
    }

    private static void read(PageBuffer buffer, byte[] bytes, int from, MemorySegment own, int to) {
        int length = Math.min((int) own.byteSize(), bytes.length - from);
        buffer.read(from, own.asSlice(0, length));
        System.arraycopy(bytes, from, bytes, to, length);
    }

    /** {@return memory of a holder; of a hold its first piece} */
    private static MemorySegment segment(Holder holder) {
        return switch (holder) {
            case Pin pin -> pin.segment();
            case DeviceAccess access -> access.segment();
            case Hold hold -> {
                Hold.Pieces first = hold.pieces();
                first.next();
                yield first.slice();
            }
        };
    }

    private static Holder hold(Rig rig, PageBuffer buffer, int kind, int from, int bytes) {
        return switch (kind) {
            case 0 -> buffer.range(from, bytes).pin(Pin.longTerm());
            case 1 -> buffer.range(from, bytes).hold();
            default ->
                buffer.range(from, bytes).access(rig.runtime().device(), AccessMode.READ_WRITE);
        };
    }

    @ParameterizedTest
    @EnumSource
    void ownMemory_ofPagesInSeveralPlaces_isCopiedAsThroughATemporaryCopy(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT), Scene.device(kind));
        for (long seed = 1; seed <= 600; seed++) {
            Random random = new Random(seed);
            Scene scene = Scene.of(rig.runtime(), "DDDDDDDDDDDD");
            int size = scene.bytes.length;
            for (int i = 0; i < 4; i++) { // some home, some to the other device
                int first = random.nextInt(size);
                int bytes = 1 + random.nextInt(Math.min(size - first, 5 * PAGE));
                scene.buffer.range(first, bytes).evict();
                if (i % 2 == 1) {
                    scene.buffer
                            .range(first, bytes)
                            .prefetch(rig.runtime().devices().getLast());
                }
            }
            int from = random.nextInt(size - 8);
            int bytes = 8 + random.nextInt(size - from - 7); // as many as a view of longs needs
            String picture = "seed " + seed + ", " + scene.buffer.residency();
            try (Holder holder = hold(rig, scene.buffer, random.nextInt(3), from, bytes)) {
                Way way = Way.values()[random.nextInt(4)];
                MemorySegment own = way.of(segment(holder));
                int other = random.nextInt(size);
                if (random.nextBoolean()) {
                    write(scene.buffer, scene.bytes, other, own, from);
                } else {
                    read(scene.buffer, scene.bytes, other, own, from);
                }
                picture += ", " + holder + ", " + way;
            }
            scene.checkBytes(picture);
            scene.buffer.close();
        }
    }

    /**
     * At home it is one place, but a long copy is cut into stretches, and these are shared between
     * threads.
     */
    @Test
    void ownMemory_longerThanAStretch_isCopiedAsThroughATemporaryCopy() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        int size = 5 * STRETCH / 2;
        byte[] bytes = new byte[size];
        new Random(3).nextBytes(bytes);
        PageBuffer buffer = rig.runtime().allocate(size);
        buffer.write(0, MemorySegment.ofArray(bytes));
        try (Pin pin = buffer.pin(Pin.longTerm())) {
            for (int shift : new int[] {5, PAGE, STRETCH - 3, STRETCH, STRETCH + PAGE}) {
                write(buffer, bytes, shift, pin.segment(), 0);
                assertBytes(buffer, bytes, "written up by " + shift);
                write(buffer, bytes, 0, pin.segment().asSlice(shift), shift);
                assertBytes(buffer, bytes, "written down by " + shift);
                read(buffer, bytes, 0, pin.segment().asSlice(shift), shift);
                assertBytes(buffer, bytes, "read up by " + shift);
                read(buffer, bytes, shift, pin.segment(), 0);
                assertBytes(buffer, bytes, "read down by " + shift);
                buffer.range(0, size - shift).copyTo(buffer, shift);
                System.arraycopy(bytes, 0, bytes, shift, size - shift);
                assertBytes(buffer, bytes, "copied up by " + shift);
                Arrays.fill(bytes, size / 3, size / 2, (byte)
                        shift); // or else all repeats itself in the end
                buffer.range(size / 3, size / 2 - size / 3).fill((byte) shift);
            }
        }
    }

    /**
     * The first of the faults that were seen: a pin of one half written into the other, which is on
     * a device.
     */
    @Test
    void pin_writtenOverItsOwnEndAndPagesOnADevice_isCopiedAsThroughATemporaryCopy() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HHHHHHHHHHDDDDDDDDDD");
        try (Pin pin = scene.buffer.range(0, 10 * PAGE).pin(Pin.longTerm())) {
            write(scene.buffer, scene.bytes, 5 * PAGE, pin.segment(), 0);
        }
        assertThat(scene.buffer.range(10 * PAGE, 1).residency().of(10)).isEqualTo(Residency.DEVICE);
        scene.checkBytes("after");
    }

    private static void assertBytes(PageBuffer buffer, byte[] expected, String when) {
        byte[] read = new byte[expected.length];
        buffer.read(0, MemorySegment.ofArray(read));
        assertThat(Arrays.mismatch(read, expected))
                .as("%s: first wrong byte", when)
                .isEqualTo(-1);
    }
}
