// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

/**
 * How long random tests run and with which seeds. Fixed seeds by default; with
 * {@code -Dhighpage.soak.seconds=N} fresh ones after them until the time is up: half of N seconds
 * for these tests, the rest is for the module stress; with {@code -Dhighpage.seed=N} that one only.
 * Says what was done in lines that begin with "random: ".
 */
final class Soak {
    /** Tests that share half of the time: each of five tests on each of two kinds of device. */
    private static final int CASES = 10;

    private static final long NANOS =
            Long.getLong("highpage.soak.seconds", 0) * 1_000_000_000L / 2 / CASES;
    private static final Long SEED = Long.getLong("highpage.seed");
    private static final long SAY_NANOS = 10_000_000_000L;

    private final String name;
    private final long startNanos = System.nanoTime();
    private long saidNanos = startNanos;
    private long steps;
    private long seeds;
    private long seed;

    Soak(String name) {
        this.name = name;
    }

    /** One seed's work. */
    interface Round {
        /** {@return steps done} */
        long run(long seed) throws Exception;
    }

    /** Runs the fixed seeds from 0 on, or what the properties ask for. */
    void run(long fixedSeeds, Round round) throws Exception {
        if (SEED != null) {
            runOne(SEED, round);
        } else {
            for (long fixed = 0; fixed < fixedSeeds; fixed++) {
                runOne(fixed, round);
            }
            // Microseconds: two runs do not meet the same seeds.
            long fresh = System.currentTimeMillis() * 1000;
            while (System.nanoTime() - startNanos < NANOS) {
                runOne(fresh++, round);
            }
        }
        say("done");
    }

    private void runOne(long next, Round round) throws Exception {
        seed = next;
        try {
            steps += round.run(next);
        } catch (Exception | Error failure) {
            throw new AssertionError(
                    name + " failed with seed " + seed + "; again: -Dhighpage.seed=" + seed,
                    failure);
        }
        seeds++;
        if (System.nanoTime() - saidNanos > SAY_NANOS) {
            saidNanos = System.nanoTime();
            say("going on");
        }
    }

    private void say(String how) {
        System.out.printf(
                "random: %s: %s, %,d steps, %,d seeds, last seed %d, %d s%n",
                name, how, steps, seeds, seed, (System.nanoTime() - startNanos) / 1_000_000_000L);
    }
}
