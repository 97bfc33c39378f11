// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.async;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A future that the runtime completes on a thread of its own, of which there are few: whoever waits
 * for it goes on at once, and the program's stages run where they do by default, not on that
 * thread. So it has two values that say the same, the outcome and, soon after it, what
 * {@link CompletableFuture} has for its stages. Thread-safe.
 */
public class PublishedFuture<T> extends CompletableFuture<T> {
    /** Who says first what {@link CompletableFuture} says: see {@link #publish}. */
    private enum Stages {
        /** There may be some. */
        MADE,
        /** All that are made now find it complete. */
        LATE
    }

    /**
     * So long a first stage waits for a thread that has stored the result: longer it is at what
     * follows an {@code allOf}, of which nothing is known here.
     */
    private static final long MOMENT_NANOS = 10_000_000;

    private static final VarHandle STAGES;

    static {
        try {
            STAGES = MethodHandles.lookup()
                    .findVarHandle(PublishedFuture.class, "stages", Object.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /**
     * What the program waits for. It has no stages, so it completes at once, whatever the executor
     * has to do that those of this future are given to.
     */
    final CompletableFuture<T> outcome = new CompletableFuture<>();

    /** A {@link Stages}, the thread that is making it {@code LATE}, or null: there are none. */
    private volatile @Nullable Object stages;

    /** Makes one that is not complete. */
    public PublishedFuture() {}

    /** Completes it, unless it is complete. By a thread of the runtime. */
    @SuppressWarnings("NullAway") // one of the two is null
    public final void settle(@Nullable T result, @Nullable Throwable failure) {
        if (failure == null ? outcome.complete(result) : outcome.completeExceptionally(failure)) {
            publish(() -> {
                if (failure == null) {
                    completeStages(result);
                } else {
                    failStages(failure);
                }
            });
        }
    }

    /** The outcome is a result: completes what stages see. */
    final void completeStages(T result) {
        boolean ignored = super.complete(result);
    }

    /** The outcome is a failure, also one that came after a result. */
    final void failStages(Throwable failure) {
        if (!super.completeExceptionally(failure)) {
            super.obtrudeException(failure);
        }
    }

    /**
     * Stages run where the program's stages do, not on the few threads that copy. Where there are
     * none, who makes one meanwhile waits until it would find the future complete.
     */
    final void publish(Runnable how) {
        // ORD volatile: of this and a first stage one comes first; pairs with staged().
        if (STAGES.compareAndSet(this, null, Thread.currentThread())) {
            try {
                how.run();
            } finally {
                stages = Stages.LATE;
            }
            return;
        }
        if (stages == Stages.MADE) {
            try {
                defaultExecutor().execute(how);
                return;
            } catch (Throwable noThread) {
                // Here, then.
            }
        }
        how.run();
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        staged();
        return new CompletableFuture<>();
    }

    /** Hears that a stage is being made: somebody else's code is to run when this completes. */
    final void staged() {
        long begin = System.nanoTime();
        // ORD volatile: of this and what completes it without a stage one comes first; pairs with
        // publish().
        while (!STAGES.compareAndSet(this, null, Stages.MADE)
                && stages instanceof Thread other
                && other != Thread.currentThread()
                && (!super.isDone() || System.nanoTime() - begin < MOMENT_NANOS)) {
            Thread.yield(); // it stores the result, and waits for nobody
        }
    }

    // ---- what whoever waits is told ----

    @Override
    public T get() throws InterruptedException, ExecutionException {
        return outcome.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return outcome.get(timeout, unit);
    }

    @Override
    public T join() {
        return outcome.join();
    }

    @Override
    public T getNow(T absent) {
        return outcome.getNow(absent);
    }

    @Override
    public T resultNow() {
        return outcome.resultNow();
    }

    @Override
    public Throwable exceptionNow() {
        return outcome.exceptionNow();
    }

    @Override
    public boolean isDone() {
        return outcome.isDone();
    }

    @Override
    public boolean isCancelled() {
        return outcome.isCancelled();
    }

    @Override
    public boolean isCompletedExceptionally() {
        return outcome.isCompletedExceptionally();
    }

    @Override
    public State state() {
        return outcome.state();
    }

    // ---- who completes it from outside ----

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return outcome.cancel(mayInterruptIfRunning) && super.cancel(mayInterruptIfRunning);
    }

    @Override
    public boolean complete(T value) {
        return outcome.complete(value) && super.complete(value);
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        return outcome.completeExceptionally(failure) && super.completeExceptionally(failure);
    }

    @Override
    public void obtrudeValue(T value) {
        outcome.obtrudeValue(value);
        super.obtrudeValue(value);
    }

    @Override
    public void obtrudeException(Throwable failure) {
        outcome.obtrudeException(failure);
        super.obtrudeException(failure);
    }

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier) {
        return completeAsync(supplier, defaultExecutor());
    }

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        Objects.requireNonNull(supplier);
        executor.execute(() -> {
            try {
                if (!isDone()) {
                    boolean ignored = complete(supplier.get());
                }
            } catch (Throwable failure) {
                boolean ignored = completeExceptionally(new CompletionException(failure));
            }
        });
        return this;
    }

    @Override
    public CompletableFuture<T> orTimeout(long timeout, TimeUnit unit) {
        after(timeout, unit, future -> future.completeExceptionally(new TimeoutException()));
        return this;
    }

    @Override
    public CompletableFuture<T> completeOnTimeout(T value, long timeout, TimeUnit unit) {
        after(timeout, unit, future -> future.complete(value));
        return this;
    }

    /**
     * Does not keep the future, and what it has, for the length of a timeout; and comes on time
     * however much the default executor has to do.
     */
    private void after(long timeout, TimeUnit unit, Predicate<PublishedFuture<T>> ends) {
        WeakReference<PublishedFuture<T>> self = new WeakReference<>(this);
        CompletableFuture<Boolean> inTime = new CompletableFuture<>();
        var ended = inTime.exceptionally(late -> {
            PublishedFuture<T> future = self.get();
            return future != null && ends.test(future);
        });
        inTime.orTimeout(timeout, unit);
        var ignored = outcome.whenComplete((result, failure) -> inTime.complete(true));
    }
}
