// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit;

/** Waits for other threads to wait. */
public final class Parked {
    private static final long MOST_NANOS = 120_000_000_000L;

    private Parked() {}

    /**
     * Returns when a thread waits for something with a deadline, as operations do for pages and for
     * room; sleeping meanwhile, so that it takes no processor from that thread.
     *
     * @throws AssertionError if the thread ends without that, or does not wait in two minutes
     */
    public static void await(Thread thread) throws InterruptedException {
        for (long start = System.nanoTime();
                thread.getState() != Thread.State.TIMED_WAITING;
                Thread.sleep(1)) {
            if (!thread.isAlive() || System.nanoTime() - start > MOST_NANOS) {
                throw new AssertionError(thread + " did not wait: " + thread.getState());
            }
        }
    }
}
