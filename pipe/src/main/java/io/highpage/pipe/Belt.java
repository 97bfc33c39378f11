// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;

/**
 * Slots of memory on their way from one stage to the next. There are only so many slots, so putting
 * never waits. Guarded by its own monitor.
 */
final class Belt {
    private final Deque<Integer> slots = new ArrayDeque<>();
    private boolean stopped;

    /** {@return a belt that has the slots 0 to {@code count - 1} on it} */
    static Belt of(int count) {
        Belt belt = new Belt();
        for (int slot = 0; slot < count; slot++) {
            belt.put(slot);
        }
        return belt;
    }

    synchronized void put(int slot) {
        slots.add(slot);
        notifyAll();
    }

    /**
     * Takes the slot that has been here longest; waits for one.
     *
     * @throws CancellationException if the belt has stopped, whatever is on it
     * @throws InterruptedException if the thread was interrupted
     */
    synchronized int take() throws InterruptedException {
        if (Thread.interrupted()) { // also where it need not wait
            throw new InterruptedException("interrupted between two pieces");
        }
        while (slots.isEmpty() && !stopped) {
            wait();
        }
        if (stopped) {
            throw new CancellationException("another stage has failed");
        }
        return slots.remove();
    }

    /** Lets nobody wait any longer. */
    synchronized void stop() {
        stopped = true;
        notifyAll();
    }
}
