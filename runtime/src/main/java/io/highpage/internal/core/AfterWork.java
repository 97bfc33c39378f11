// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.device.Completion;
import io.highpage.internal.async.Attempt;
import io.highpage.internal.async.OwnedFuture;
import io.highpage.internal.log.Log;

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

    /**
     * Work that an operation was to begin after, which was refused: nobody awaits it, and what it
     * keeps until then it gives back when it has ended. Fails nothing: the refusal is what is told.
     */
    static void leave(Completion work) {
        try {
            Runnable nobody = () -> {};
            if (work.whenEnded(nobody)) {
                work.forget(nobody);
            }
        } catch (Throwable kept) {
            // Until somebody waits for it, as before it was asked.
        }
    }

    /**
     * Asks the work to say when it has ended. {@return whether it will}
     *
     * @param future its own, which may have ended before this: then nobody wants to know
     */
    boolean ask(OwnedFuture<T> future) {
        boolean tells = work.whenEnded(handOver);
        if (future.isEnded()) {
            forget();
        }
        return tells;
    }

    @Override
    public void begins() {
        operation.begins();
    }

    @Override
    public @Nullable T go() {
        if (!begun) {
            try {
                work.await();
            } catch (Throwable failed) {
                forget(); // perhaps it is not known whether it has ended, and it keeps something
                throw failed;
            }
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
        forget();
        operation.abandon();
    }

    private void forget() {
        try {
            work.forget(handOver);
        } catch (Throwable failed) { // a program's work may throw what it likes
            boolean ignored = Log.warn(
                    AfterWork.class,
                    "access of " + subject(),
                    "the work that it was to begin after does not take back that it tells its end",
                    failed);
        }
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
