// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.bench.report.Form;

/**
 * How much is measured.
 *
 * @param large inputs of few files
 * @param small inputs of many
 * @param rounds how often ways take turns
 * @param turns how often a cluster with all the room takes turns with one that has half
 * @param kills executors that are killed
 */
record Amount(Inputs large, Inputs small, Rounds rounds, int turns, int kills) {
    /** So many files of so many bytes. */
    record Inputs(int files, long bytes) {}

    /**
     * How often.
     *
     * @param transfer rounds of what is all transfer
     * @param heavy rounds of what takes ten times as long
     * @param warmUps rounds before those that count
     */
    record Rounds(int transfer, int heavy, int warmUps) {}

    private static final long MIB = 1 << 20;

    /** {@return that of a form} */
    static Amount of(Form form) {
        return switch (form) {
            case MINIATURE ->
                new Amount(new Inputs(2, MIB), new Inputs(16, MIB / 4), new Rounds(1, 1, 0), 1, 1);
            case QUICK ->
                new Amount(
                        new Inputs(8, 16 * MIB),
                        new Inputs(16, 8 * MIB),
                        new Rounds(5, 2, 1),
                        1,
                        1);
            case FULL ->
                new Amount(
                        new Inputs(8, 64 * MIB),
                        new Inputs(64, 8 * MIB),
                        new Rounds(15, 4, 3),
                        2,
                        3);
        };
    }

    int rounds(BenchKernel kernel) {
        return kernel == BenchKernel.SCALE ? rounds.transfer() : rounds.heavy();
    }

    int warmUps() {
        return rounds.warmUps();
    }
}
