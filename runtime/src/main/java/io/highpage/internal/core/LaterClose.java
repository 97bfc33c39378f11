// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.device.Completion;
import io.highpage.internal.async.PublishedFuture;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A close of an access that no thread waits in: it is begun when all work that the access was told
 * of has said that it has ended, and is then a close like any other, which asks again. So it does
 * not matter who says it, how often and whether it is true: a close that has to wait after all
 * waits. Thread-safe.
 */
final class LaterClose implements Runnable {
    private final OpenAccess access;
    private final CompletableFuture<Void> future = new CompletableFuture<>();
    private final AtomicInteger left = new AtomicInteger(1); // works that run, and the beginning

    // Written before the beginning is over.
    private final Set<Completion> asked = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean waits;

    LaterClose(OpenAccess access) {
        this.access = access;
    }

    /**
     * Begins it. What cannot say its end is waited for by a thread of its own: those of
     * asynchronous operations are few, and wait for nobody.
     */
    void begin(Collection<Completion> work) {
        waits = work.isEmpty(); // for the device's queue
        for (Completion each : work) {
            asked.add(each);
            // ORD volatile: the close begins once, after all of them; pairs with ended().
            left.incrementAndGet();
            if (!each.whenEnded(this::ended)) {
                // ORD volatile: not the last, since this is not over; pairs with ended().
                left.decrementAndGet();
                waits = true;
            }
        }
        ended();
    }

    /** Perhaps on a thread of a driver. */
    private void ended() {
        // ORD volatile: pairs with itself and with begin().
        if (left.decrementAndGet() > 0) {
            return;
        }
        try {
            if (waits) {
                startThread();
            } else {
                access.range.buffer().execute(this::closeAtOnce);
            }
        } catch (Throwable notNow) {
            // ORD volatile: whoever said it says it again; pairs with itself.
            left.incrementAndGet();
            throw notNow;
        }
    }

    private void startThread() {
        Thread.ofPlatform().daemon().name("highpage close").start(this);
    }

    /**
     * By a thread of asynchronous operations, which is not to wait: somebody may have been inside
     * when this began, and have told of more work since.
     */
    private void closeAtOnce() {
        if (!access.hasOnly(asked)) {
            try {
                startThread();
                return;
            } catch (OutOfMemoryError noThread) {
                // Here, then.
            }
        }
        run();
    }

    @Override
    public void run() {
        try {
            access.close();
            over(null);
        } catch (Throwable failure) {
            access.goesOn(this);
            over(failure);
        }
    }

    /** The access is closed, or stays open: by this, or by somebody who closed it meanwhile. */
    void over(@Nullable Throwable failure) {
        if (failure == null) {
            future.complete(null);
        } else {
            future.completeExceptionally(failure);
        }
    }

    /** {@return a future of its own for each who asks: cancelling it changes nothing else} */
    CompletableFuture<Void> future() {
        PublishedFuture<Void> each = new PublishedFuture<>();
        var ignored = future.whenComplete(each::settle);
        return each;
    }
}
