// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.programs;

import io.highpage.opencl.OpenClMemoryMode;

import java.util.Arrays;
import java.util.Locale;

/**
 * Prints how long each program takes after it is ported, on each kind of memory, as a share of what
 * it took before: medians of runs that take turns in one process. Setting up is part of both.
 */
public final class ProgramTimes {
    private static final int WARM_UP = 3;
    private static final int RUNS = 11;

    private ProgramTimes() {}

    public static void main(String[] arguments) {
        for (Program program : Program.ALL) {
            if (program instanceof Image) { // PoCL has no images over buffers
                continue;
            }
            StringBuilder row = new StringBuilder("| " + program.name());
            for (OpenClMemoryMode mode : OpenClMemoryMode.values()) {
                row.append(" | ").append(String.format(Locale.ROOT, "%.2f", ratio(program, mode)));
            }
            System.out.println(row.append(" |"));
        }
    }

    private static double ratio(Program program, OpenClMemoryMode mode) {
        long[] plain = new long[RUNS];
        long[] ported = new long[RUNS];
        for (int run = -WARM_UP; run < RUNS; run++) {
            long begin = System.nanoTime();
            try (Setup cl = new Setup(mode)) {
                program.plain(cl);
            }
            long between = System.nanoTime();
            try (Setup cl = new Setup(mode)) {
                program.ported(cl);
            }
            if (run >= 0) {
                plain[run] = between - begin;
                ported[run] = System.nanoTime() - between;
            }
        }
        Arrays.sort(plain);
        Arrays.sort(ported);
        return (double) ported[RUNS / 2] / plain[RUNS / 2];
    }
}
