// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.bench.report.Form;

/**
 * How much is measured.
 *
 * @param files of the large shape
 * @param fileBytes of each of them
 * @param smallFiles of the small shape
 * @param smallBytes of each of them
 * @param rounds of what is all transfer
 * @param heavyRounds of what takes ten times as long
 * @param warmUps rounds before those that count
 * @param turns how often a cluster with all the room takes turns with one that has half
 * @param kills executors that are killed
 */
record Amount(
        int files,
        long fileBytes,
        int smallFiles,
        long smallBytes,
        int rounds,
        int heavyRounds,
        int warmUps,
        int turns,
        int kills) {
    private static final long MIB = 1 << 20;

    /** {@return that of a form} */
    static Amount of(Form form) {
        return switch (form) {
            case MINIATURE -> new Amount(2, MIB, 16, MIB / 4, 1, 1, 0, 1, 1);
            case QUICK -> new Amount(8, 16 * MIB, 16, 8 * MIB, 5, 2, 1, 1, 1);
            case FULL -> new Amount(8, 64 * MIB, 64, 8 * MIB, 15, 4, 3, 2, 3);
        };
    }

    int rounds(BenchKernel kernel) {
        return kernel == BenchKernel.SCALE ? rounds : heavyRounds;
    }
}
