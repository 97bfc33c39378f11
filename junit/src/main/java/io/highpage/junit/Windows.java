// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.highpage.device.DeviceMemory;
import io.highpage.device.Extent;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;

/** Host windows for the device contract. */
final class Windows {
    private Windows() {}

    /** {@return page-aligned memory with bytes that a seed decides} */
    static MemorySegment random(Arena arena, long bytes, long seed) {
        MemorySegment window = arena.allocate(bytes, DeviceContract.PAGE);
        Random random = new Random(seed);
        for (long offset = 0; offset + 8 <= bytes; offset += 8) {
            window.set(ValueLayout.JAVA_LONG, offset, random.nextLong());
        }
        return window;
    }

    /** Fails at the first byte that differs. */
    static void check(MemorySegment expected, MemorySegment actual, String what) {
        assertEquals(expected.byteSize(), actual.byteSize(), what);
        long at = expected.mismatch(actual);
        if (at >= 0) {
            assertArrayEquals(
                    around(expected, at),
                    around(actual, at),
                    what + ": bytes differ from offset " + at + " on");
        }
    }

    private static byte[] around(MemorySegment segment, long at) {
        return segment.asSlice(at, Math.min(16, segment.byteSize() - at))
                .toArray(ValueLayout.JAVA_BYTE);
    }

    /** Copies back and forth in one part of a shared extent and in extents of its own. */
    static void churn(DeviceMemory device, Extent shared, long base, int seed) {
        try (Arena arena = Arena.ofConfined()) {
            Runs runs = Runs.of(
                    0, 2 * DeviceContract.PAGE, 5 * DeviceContract.PAGE, 3 * DeviceContract.PAGE);
            for (int round = 0; round < 50; round++) {
                MemorySegment in = random(arena, 8 * DeviceContract.PAGE, 100L * seed + round);
                MemorySegment expected = arena.allocate(8 * DeviceContract.PAGE);
                runs.copy(in, expected);
                MemorySegment out = arena.allocate(8 * DeviceContract.PAGE);
                Extent own = device.allocate(8 * DeviceContract.PAGE);
                for (Extent extent : List.of(shared, own)) {
                    long at = extent == own ? 0 : base;
                    extent.copyIn(at, in, runs);
                    extent.copyOut(at, out, runs);
                    check(expected, out, "thread " + seed + ", round " + round);
                }
                own.free();
            }
        }
    }
}
