// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Paces how often a driver that fails is asked again. Takes no memory once made. Confined to one
 * operation.
 */
final class Retries {
    /** A driver that says that the device is gone is not given longer than that. */
    private static final Duration OF_LOST = Duration.ofSeconds(1);

    private static final long PAUSE_MIN_NANOS = 200_000;
    private static final long PAUSE_MAX_NANOS = 10_000_000;

    private final Duration patience;
    private boolean failing;
    private boolean interrupted;
    private long start;
    private long pause;

    Retries(Duration patience) {
        this.patience = patience;
    }

    /**
     * Ends what was asked for. A thread that was interrupted goes on until then, since what it
     * waits for does.
     */
    void end() {
        failing = false;
        if (interrupted) {
            interrupted = false;
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Pauses, unless the time is up.
     *
     * @param code what the driver said last
     * @return whether to ask again
     */
    boolean again(int code) {
        Duration most =
                ClCodes.isLoss(code) && OF_LOST.compareTo(patience) < 0 ? OF_LOST : patience;
        if (!failing) {
            failing = true;
            start = System.nanoTime();
            pause = PAUSE_MIN_NANOS;
        } else if (System.nanoTime() - start >= most.toNanos()) {
            return false;
        }
        interrupted |= Thread.interrupted(); // it would not pause else
        LockSupport.parkNanos(pause);
        pause = Math.min(2 * pause, PAUSE_MAX_NANOS);
        return true;
    }
}
