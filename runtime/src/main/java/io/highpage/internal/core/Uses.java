// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.close.Turn;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps the uses of something and its close apart. Users go in and out, any number at a time; one
 * closes at a time, alone, and while it waits for users to leave nobody goes in. It belongs to
 * operations and not to threads, so that nobody waits for a virtual thread that owns it without a
 * carrier while others, behind that one, could run. Thread-safe.
 */
final class Uses {
    private static final int CLOSING = Integer.MIN_VALUE;
    private static final long PAUSE_NANOS = 50_000;

    private final AtomicInteger state = new AtomicInteger(); // how many are inside, and CLOSING
    private volatile @Nullable Thread closer;

    /** {@return whether the caller is in, and has to {@link #leave}; else somebody closes} */
    boolean tryEnter() {
        int now;
        do {
            now = state.get();
            if (now < 0) {
                return false;
            }
            // ORD volatile: of a use and a close one comes first; pairs with beginClose().
        } while (!state.compareAndSet(now, now + 1));
        return true;
    }

    /**
     * As {@link #tryEnter}, of an operation that is in already, and is so until the caller leaves:
     * also while somebody waits to close.
     */
    void enterAgain() {
        // ORD volatile: the close that waits goes on waiting; pairs with beginClose().
        state.incrementAndGet();
    }

    void leave() {
        // ORD volatile: the use comes before the close; pairs with beginClose().
        state.decrementAndGet();
    }

    /** {@return whether nobody is inside, and nobody closes} */
    boolean isFree() {
        return state.get() == 0;
    }

    /** {@return whether the calling thread is closing it already} */
    boolean isClosedHere() {
        return closer == Thread.currentThread();
    }

    /** Waits until nobody else closes and nobody is inside. The caller has to {@link #endClose}. */
    void beginClose() {
        while (true) {
            int now = state.get();
            // ORD volatile: pairs with tryEnter() and endClose().
            if (now >= 0 && state.compareAndSet(now, now | CLOSING)) {
                break;
            }
            pause(now);
        }
        closer = Thread.currentThread();
        while (state.get() != CLOSING) {
            pause(CLOSING);
        }
    }

    /** Lets others in again; whoever comes in looks whether it is closed. */
    void endClose() {
        closer = null;
        // ORD volatile: what the close did is visible to who comes in; pairs with tryEnter().
        state.set(0);
    }

    private static void pause(int seen) {
        if (seen < 0) { // else it has lost a race
            Turn.pause(PAUSE_NANOS);
        }
    }
}
