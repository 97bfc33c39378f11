// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.outcome.AccessMode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** What takes a range takes a buffer, or a slice of one, or a slice of that. */
class SlicesTest {
    private static final int PAGE = Scene.PAGE;

    @RegisterExtension
    final AtRest rest = new AtRest();

    @ParameterizedTest
    @EnumSource
    void sliceOfASlice_isTheSameAsASliceOfTheBuffer(DeviceKind kind) {
        PageRuntime runtime = rest.open(Scene.device(kind)).runtime();
        Scene scene = Scene.of(runtime, "HD.BHD");
        PageRange slice = scene.buffer.range(100, 5 * PAGE).range(50, 4 * PAGE).range(1, 3 * PAGE);
        assertThat(slice.buffer()).isSameAs(scene.buffer);
        assertThat(slice.offset()).isEqualTo(151);
        assertThat(slice.byteSize()).isEqualTo(3 * PAGE);
        assertThat(slice).hasToString(scene.buffer.range(151, 3 * PAGE).toString());
        byte[] expected = Arrays.copyOfRange(scene.bytes, 151, 151 + 3 * PAGE);
        byte[] read = new byte[3 * PAGE];
        slice.read(0, read);
        assertThat(read).isEqualTo(expected);
        slice.write(7, new byte[] {1, 2, 3});
        System.arraycopy(new byte[] {1, 2, 3}, 0, scene.bytes, 158, 3);
        slice.range(PAGE, 9).fill((byte) 5);
        Arrays.fill(scene.bytes, 151 + PAGE, 151 + PAGE + 9, (byte) 5);
        scene.checkBytes("after");
    }

    @ParameterizedTest
    @EnumSource
    void verbs_ofASlice_areOfThatPartOnly(DeviceKind kind) {
        PageRuntime runtime = rest.open(Scene.device(kind)).runtime();
        Scene scene = Scene.of(runtime, "HHHH");
        PageRange slice = scene.buffer.range(PAGE, 3 * PAGE).range(10, PAGE);
        assertThat(slice.residency()).hasToString("HH");
        assertThat(slice.prefetch(runtime.device()).complete()).isTrue();
        assertThat(scene.buffer.residency()).hasToString("HDDH");
        try (DeviceAccess access = slice.access(runtime.device(), AccessMode.READ_WRITE)) {
            assertThat(access.offset()).isEqualTo(PAGE + 10);
            assertThat(access.byteSize()).isEqualTo(PAGE);
        }
        assertThat(slice.evict().complete()).isTrue();
        MemorySegment bytes = MemorySegment.ofArray(scene.bytes).asSlice(PAGE + 10, PAGE);
        try (Hold hold = slice.hold();
                Pin pin = slice.pin(Pin.longTerm())) {
            assertThat(hold.segment().mismatch(bytes)).isEqualTo(-1);
            assertThat(pin.segment().mismatch(bytes)).isEqualTo(-1);
        }
        scene.checkBytes("after");
    }

    @ParameterizedTest
    @EnumSource
    void copyTo_aSlice_countsFromItsStart_andEndsAtItsEnd(DeviceKind kind) {
        PageRuntime runtime = rest.open(Scene.device(kind)).runtime();
        Scene source = Scene.of(runtime, "DH");
        Scene target = Scene.of(runtime, "HDD");
        PageRange into = target.buffer.range(1000, PAGE);
        source.buffer.range(5, 500).copyTo(into, 20);
        System.arraycopy(source.bytes, 5, target.bytes, 1020, 500);
        into.range(20, 500).copyTo(into, 100); // within itself, overlapping
        System.arraycopy(target.bytes, 1020, target.bytes, 1100, 500);
        assertThatThrownBy(() -> source.buffer.range(0, 500).copyTo(into, PAGE - 499))
                .isExactlyInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("offset=" + (PAGE - 499) + " byteSize=500 is not a range of "
                        + into + ", which has " + PAGE + " bytes");
        source.checkBytes("source");
        target.checkBytes("target");
    }

    @Test
    void bounds_areOfTheSlice_alsoWhereNumbersOverflow() {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        PageBuffer buffer = runtime.allocate(2 * PAGE);
        PageRange slice = buffer.range(PAGE, 100);
        long[][] bad = {
            {-1, 1},
            {0, 101},
            {100, 1},
            {1, Long.MAX_VALUE},
            {Long.MAX_VALUE, 1},
            {Long.MAX_VALUE, Long.MAX_VALUE},
            {Long.MIN_VALUE, Long.MIN_VALUE},
            {5, -1}
        };
        for (long[] range : bad) {
            assertThatThrownBy(() -> slice.range(range[0], range[1]))
                    .isExactlyInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("offset=" + range[0] + " byteSize=" + range[1]
                            + " is not a range of " + slice + ", which has 100 bytes");
        }
        assertThatThrownBy(() -> slice.read(97, new float[1]))
                .hasMessageContaining("offset=97 byteSize=4");
        assertThatThrownBy(() -> slice.get(ValueLayout.JAVA_INT, 97))
                .isExactlyInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("offset=97 byteSize=4");
        assertThatThrownBy(() -> slice.set(ValueLayout.JAVA_LONG, Long.MAX_VALUE - 3, 1))
                .isExactlyInstanceOf(IndexOutOfBoundsException.class);
    }
}
