// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.close;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Lets operations take turns: one alone, or several together. It belongs to an operation and not to
 * a thread, and nobody queues: whoever finds it taken looks again, for as long as it wants to wait.
 * So a turn is never handed to a virtual thread that has no carrier, while others, behind it in a
 * queue, wait for both. Thread-safe.
 */
public final class Turn {
    private static final int ALONE = -1;
    private static final int SPINS = 100;
    private static final long PAUSE_FIRST_NANOS = 20_000;
    private static final long PAUSE_MAX_NANOS = 500_000;

    // How many are inside together, or ALONE.
    private final AtomicInteger inside = new AtomicInteger();

    /**
     * {@return something that waits a little each time it is asked, and is false once so much time
     * has passed}
     */
    public static BooleanSupplier atMost(long nanos) {
        return new BooleanSupplier() {
            private final long start = System.nanoTime();
            private int rounds;

            @Override
            public boolean getAsBoolean() {
                long left = nanos - (System.nanoTime() - start);
                if (left <= 0) {
                    return false;
                }
                rest(rounds++, left);
                return true;
            }
        };
    }

    /**
     * Waits a little: a short spin in the first rounds, then pauses that grow.
     *
     * @param round how often the caller has waited before
     * @param most the longest pause in nanoseconds
     */
    public static void rest(int round, long most) {
        if (round < SPINS) {
            Thread.onSpinWait();
        } else {
            long pause = PAUSE_FIRST_NANOS << Math.min((round + 1 - SPINS) / 8, 6);
            pause(Math.min(Math.min(pause, PAUSE_MAX_NANOS), most));
        }
    }

    /**
     * Pauses, also a thread that is interrupted, which stays so. A park alone would let it spin,
     * and a virtual one keep its carrier; so would one park with the flag off, since interrupting
     * it again lets the next one return at once.
     */
    public static void pause(long nanos) {
        if (!Thread.interrupted()) {
            LockSupport.parkNanos(nanos);
            return;
        }
        long start = System.nanoTime();
        for (long left = nanos; left > 0; left = nanos - (System.nanoTime() - start)) {
            LockSupport.parkNanos(left);
            Thread.interrupted(); // it is on again in the end
        }
        Thread.currentThread().interrupt();
    }

    /**
     * Takes the turn alone.
     *
     * @param waits waits a little; false if that was long enough
     * @return whether the caller has it now, and has to {@link #leave} it
     */
    public boolean tryAlone(BooleanSupplier waits) {
        // ORD volatile: what the one before did is visible; pairs with leave().
        while (!inside.compareAndSet(0, ALONE)) {
            if (!waits.getAsBoolean()) {
                return false;
            }
        }
        return true;
    }

    /** Takes the turn together with others that do so, as {@link #tryAlone}. */
    public boolean tryTogether(BooleanSupplier waits) {
        while (true) {
            int now = inside.get();
            // ORD volatile: as tryAlone().
            if (now != ALONE && inside.compareAndSet(now, now + 1)) {
                return true;
            }
            if (now == ALONE && !waits.getAsBoolean()) {
                return false;
            }
        }
    }

    /** Ends the caller's turn. */
    public void leave() {
        int now;
        do {
            now = inside.get();
            // ORD volatile: pairs with tryAlone() and tryTogether().
        } while (!inside.compareAndSet(now, now == ALONE ? 0 : now - 1));
    }
}
