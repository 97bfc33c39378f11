// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BooleanSupplier;

/** Waits for what the background does: as long as a busy machine needs, or not at all. */
public final class Eventually {
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    /** So many looks of the background, or more. */
    private static final long FEW_LOOKS_MILLIS = 400;

    private Eventually() {}

    /** Returns when a condition holds; fails if it does not in a minute. */
    public static void becomes(String what, BooleanSupplier condition) {
        becomes(what, PATIENCE_NANOS, condition);
    }

    /** The same of what takes a minute on a busy machine: fails if it does not in five. */
    public static void becomesSlowly(String what, BooleanSupplier condition) {
        becomes(what, 5 * PATIENCE_NANOS, condition);
    }

    private static void becomes(String what, long patienceNanos, BooleanSupplier condition) {
        long start = System.nanoTime();
        boolean is = condition.getAsBoolean();
        while (!is && System.nanoTime() - start < patienceNanos) {
            sleep(2);
            is = condition.getAsBoolean();
        }
        assertThat(is).as(what).isTrue();
    }

    /**
     * {@return whether a thread that works until a time goes on: until then, and on a busy machine
     * until it has done enough, for a minute at most}
     */
    public static boolean goesOn(long endNanos, BooleanSupplier enough) {
        long over = System.nanoTime() - endNanos;
        return over < 0 || over < PATIENCE_NANOS && !enough.getAsBoolean();
    }

    /** Gives the background time for what it should not do. */
    public static void wouldHaveLooked() {
        sleep(FEW_LOOKS_MILLIS);
    }

    /** Sleeps; nobody interrupts it. */
    public static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** {@return whether there is a thread of a name} */
    public static boolean hasThread(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals(name));
    }
}
