// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A step of a close that is taken once, whoever asks for it and how often. An {@link Error}, such
 * as a full stack, comes before the driver is called: the step is still to be taken then, and the
 * next close takes it. Thread-safe.
 */
final class Once implements Runnable {
    private final Runnable step;
    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile boolean over;

    Once(Runnable step) {
        this.step = step;
    }

    /** There is nothing to do after all. */
    void cancel() {
        // ORD volatile: who comes later does not take the step; pairs with run().
        taken.set(true);
        over = true;
    }

    /**
     * {@return whether it has been taken, also if it failed; not while another thread is taking it,
     * nor after an error}
     */
    boolean isOver() {
        return over;
    }

    @Override
    public void run() {
        // ORD volatile: one takes the step; pairs with itself and with cancel().
        if (!taken.compareAndSet(false, true)) {
            return;
        }
        try {
            step.run();
            over = true;
        } catch (RuntimeException failed) {
            over = true;
            throw failed;
        } catch (Error early) {
            // ORD volatile: who takes it next sees what the driver was told; pairs with itself.
            taken.set(false);
            throw early;
        }
    }
}
