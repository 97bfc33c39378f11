// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.device.Completion;
import io.highpage.internal.async.Attempt;
import io.highpage.internal.async.OwnedFuture;

import org.jspecify.annotations.Nullable;

/**
 * An asynchronous operation that begins when work on a device has ended. Until the work says so it
 * has nothing, and no thread. Whether it has failed is asked then, by a thread that may.
 */
final class AfterWork<T> implements Attempt<T> {
    private final Completion work;
    private final Attempt<T> operation;
    private final Runnable handOver;
    private boolean begun;

    AfterWork(Completion work, Attempt<T> operation, OwnedFuture<T> future) {
        this.work = work;
        this.operation = operation;
        this.handOver = future::begin;
    }

    /** {@return whether the work will say when it has ended} */
    boolean ask() {
        return work.whenEnded(handOver);
    }

    @Override
    public void begins() {
        operation.begins();
    }

    @Override
    public @Nullable T go() {
        if (!begun) {
            work.await();
            begun = true;
        }
        return operation.go();
    }

    @Override
    public long leftNanos() {
        return operation.leftNanos();
    }

    @Override
    public void abandon() {
        work.forget(handOver);
        operation.abandon();
    }

    @Override
    public boolean isOwned() {
        return operation.isOwned();
    }

    @Override
    public void giveBack(T result) {
        operation.giveBack(result);
    }

    @Override
    public Object subject() {
        return operation.subject();
    }
}
