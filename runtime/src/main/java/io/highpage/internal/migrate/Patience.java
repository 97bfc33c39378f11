// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.close.Turn;
import io.highpage.outcome.Terms;

/**
 * The waiting of one operation: bounded, interruptible, and never while it owns a moving page. A
 * short spin, then parking with growing pauses: native code may finish a page and cannot wake a
 * Java thread. Confined to the operation.
 */
final class Patience {
    /**
     * How long a short hold gives way to a waiting pin or access before it goes ahead all the same:
     * 10 ms.
     */
    private static final long GIVE_WAY_NANOS = 10_000_000;

    private final long busyNanos;
    private final long movingNanos;
    private boolean begun;
    private long startNanos; // once begun
    private int rounds;

    Patience(Terms terms) {
        busyNanos = terms.busyNanos();
        movingNanos = terms.movingNanos();
    }

    /** {@return whether it may wait at all for a page that is held, pinned or accessed} */
    boolean waitsForBusy() {
        return busyNanos > 0;
    }

    /**
     * Waits a little for a page that is held, pinned or accessed. {@return false if the deadline
     * has passed}
     */
    boolean awaitBusy() {
        return await(busyNanos);
    }

    /** Waits a little for a page that is moving. {@return false if the deadline has passed} */
    boolean awaitMoving() {
        return await(movingNanos);
    }

    /**
     * Waits a little so that a waiting pin or access comes first. {@return false if that was long
     * enough}
     */
    boolean giveWay() {
        return await(GIVE_WAY_NANOS);
    }

    /**
     * {@return whether a deadline, if one was set, is still to come} Asked between steps that take
     * long and that somebody else can go on with. It is no wait, so without a deadline it is true.
     */
    boolean hasTime() {
        return busyNanos == 0 || left(busyNanos) > 0;
    }

    private boolean await(long limitNanos) {
        long left = left(limitNanos);
        if (left <= 0) {
            return false;
        }
        Turn.rest(rounds++, left);
        return true;
    }

    /** {@return what is left of a limit; time begins when this is asked first} */
    private long left(long limitNanos) {
        long now = System.nanoTime();
        if (!begun) {
            begun = true;
            startNanos = now;
        }
        return limitNanos - (now - startNanos);
    }
}
