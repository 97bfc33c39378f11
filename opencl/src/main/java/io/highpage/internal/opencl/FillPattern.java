// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.PageRuns;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What the driver fills memory with. */
final class FillPattern {
    // The widest vector that every device stores at once; drivers fill bytewise with a pattern of
    // one byte.
    private static final int WIDE = 16;

    private FillPattern() {}

    /**
     * {@return zeros, as wide as the alignment of the runs allows}
     *
     * @param start where the window starts
     */
    static MemorySegment zeros(Arena arena, long start, PageRuns runs) {
        long bits = start;
        for (int run = 0; run < runs.count(); run++) {
            bits |= runs.offset(run) | runs.bytes(run);
        }
        return arena.allocate((bits & (WIDE - 1)) == 0 ? WIDE : 1, WIDE);
    }
}
