// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit.faults;

import io.highpage.testkit.faults.Faults.Call;

import java.util.concurrent.CountDownLatch;

/** A call that begins and does not end until it is let go. */
public final class Gate implements Faults.Action {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    @Override
    public void instead(Call call) {
        entered.countDown();
        try {
            open.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError("nobody interrupts it", interrupted);
        }
    }

    /** Waits until the call is made. */
    public void awaitEntered() throws InterruptedException {
        entered.await();
    }

    /** The operation has ended, whether it made the call or not. */
    public void passedBy() {
        entered.countDown();
    }

    /** Lets the call go on. */
    public void open() {
        open.countDown();
    }
}
