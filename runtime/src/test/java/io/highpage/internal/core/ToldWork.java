// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.device.Completion;
import io.highpage.internal.async.Workers;
import io.highpage.outcome.DeviceWaitException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Work that ends, and says so, when a test tells it to. */
final class ToldWork implements Completion {
    private final CountDownLatch end = new CountDownLatch(1);
    private final List<Runnable> told = new ArrayList<>();
    private volatile int waits;
    volatile RuntimeException failure;
    boolean tells = true;
    Runnable beforeItIsAsked = () -> {};
    Runnable whenForgotten = () -> {};

    /** Whether one of the few threads of asynchronous operations waited for it. */
    volatile boolean keptAWorker;

    @Override
    public void await() {
        waits++;
        keptAWorker |= Workers.isWorker() && end.getCount() > 0;
        try {
            assertThat(end.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        RuntimeException now = failure;
        if (now instanceof DeviceWaitException) {
            failure = null; // it is known the next time
        }
        if (now != null) {
            throw now;
        }
    }

    @Override
    public synchronized boolean whenEnded(Runnable handOver) {
        beforeItIsAsked.run();
        told.add(handOver);
        return tells;
    }

    @Override
    public synchronized void forget(Runnable handOver) {
        told.remove(handOver);
        whenForgotten.run();
    }

    void end() {
        end.countDown();
    }

    /** Says that it has ended, whether it has or not, from a thread that nobody knows. */
    void tell() throws InterruptedException {
        List<Runnable> all;
        synchronized (this) {
            all = List.copyOf(told);
        }
        Thread foreign = Thread.ofPlatform().start(() -> all.forEach(Runnable::run));
        foreign.join();
    }

    /** {@return who is to be told first} */
    synchronized Runnable handOver() {
        return told.getFirst();
    }

    /** {@return how often somebody waited for it} */
    int waits() {
        return waits;
    }

    /** {@return how many are to be told} */
    synchronized int listeners() {
        return told.size();
    }
}
