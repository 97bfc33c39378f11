// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;

/**
 * The common pool with nobody left to work, until it is closed.
 *
 * <p>Each of its threads is at a task of this when it is there. To hand over as many tasks is not
 * enough: the pool takes those of several threads in no order, so a thread of it that comes late
 * would do what was handed over after them.
 */
public final class FullCommonPool implements AutoCloseable {
    private final int tasks = 2 * (ForkJoinPool.getCommonPoolParallelism() + 1);
    private final CountDownLatch begun =
            new CountDownLatch(ForkJoinPool.getCommonPoolParallelism());
    private final CountDownLatch free = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(tasks);

    /** Returns when every thread of the pool waits. */
    public FullCommonPool() {
        for (int task = 0; task < tasks; task++) {
            ForkJoinPool.commonPool().execute(() -> {
                begun.countDown();
                await(free);
                ended.countDown();
            });
        }
        await(begun);
    }

    /** {@return how many tasks it has handed over, some of which no thread has begun} */
    public int tasks() {
        return tasks;
    }

    /** Returns when the pool is done with its tasks. */
    @Override
    public void close() {
        free.countDown();
        await(ended);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
