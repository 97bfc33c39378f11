// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import org.jetbrains.kotlinx.lincheck.CTestStructure;
import org.jetbrains.kotlinx.lincheck.execution.RandomExecutionGenerator;
import org.jetbrains.lincheck.datastructures.CTestConfiguration;
import org.jetbrains.lincheck.datastructures.RandomProvider;

/** Random scenarios of a seed. Lincheck's own are the same in every run. */
public final class FreshScenarios extends RandomExecutionGenerator {
    /** Skipping to a seed takes a millisecond for 20,000 of them. */
    static final int SEEDS = 1_000_000;

    /** How many scenarios are left out at most, so that parameters differ too. */
    private static final int SKIPPED = 100;

    /** What the next generator starts from; Lincheck makes generators itself. */
    private static volatile int seed;

    static void seed(int next) {
        seed = next;
    }

    /** Called by Lincheck. */
    public FreshScenarios(
            CTestConfiguration configuration, CTestStructure structure, RandomProvider random) {
        super(configuration, structure, advanced(random));
        for (int i = 0; i < seed % SKIPPED; i++) {
            nextExecution();
        }
    }

    private static RandomProvider advanced(RandomProvider random) {
        for (int i = 0; i < seed; i++) {
            random.createRandom();
        }
        return random;
    }
}
