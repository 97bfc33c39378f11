// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.async;

import io.highpage.internal.close.Closes;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A future that knows when its result is handed over to a dependent stage: every method that makes
 * one which is given the result is here, and takes it first. Nothing else is here.
 */
abstract class HandingFuture<T> extends CompletableFuture<T> {
    /**
     * Takes a result, if it is this future's. {@return why it cannot be taken any more, or null: it
     * is the caller's, or was never this future's}
     */
    abstract @Nullable Throwable take(@Nullable T result);

    /** Hears that a stage is being made: somebody else's code is to run when this completes. */
    abstract void staged();

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        staged();
        return new CompletableFuture<>();
    }

    /** {@return a result that the caller owns from now on} */
    final T handed(T result) {
        Throwable why = take(result);
        if (why != null) {
            throw thrown(why);
        }
        return result;
    }

    /** {@return a failure as {@code join} and stages throw it} */
    static RuntimeException thrown(Throwable why) {
        return why instanceof CancellationException cancelled
                ? cancelled
                : new CompletionException(why);
    }

    private <U> Function<T, U> taking(Function<? super T, ? extends U> fn) {
        Objects.requireNonNull(fn);
        return result -> fn.apply(handed(result));
    }

    private Consumer<T> takingOnly(Consumer<? super T> action) {
        Objects.requireNonNull(action);
        return result -> action.accept(handed(result));
    }

    private <U, V> BiFunction<T, U, V> takingFirst(
            BiFunction<? super T, ? super U, ? extends V> fn) {
        Objects.requireNonNull(fn);
        return (result, other) -> fn.apply(handed(result), other);
    }

    private <U> BiConsumer<T, U> takingBoth(BiConsumer<? super T, ? super U> action) {
        Objects.requireNonNull(action);
        return (result, other) -> action.accept(handed(result), other);
    }

    /**
     * One that hears of a result or of a failure, and of a result that cannot be taken any more.
     */
    @SuppressWarnings("NullAway") // one of the two is null, as for every such function
    private <U> BiFunction<T, Throwable, U> either(
            BiFunction<? super T, Throwable, ? extends U> fn) {
        Objects.requireNonNull(fn);
        return (result, failure) -> {
            Throwable why = failure == null ? take(result) : failure;
            return fn.apply(why == null ? result : null, why);
        };
    }

    /** As {@code whenComplete} wants it; what it is of then is what the action was given. */
    @SuppressWarnings("NullAway") // as above
    private BiFunction<T, Throwable, T> seeing(BiConsumer<? super T, ? super Throwable> action) {
        Objects.requireNonNull(action);
        return either((result, failure) -> {
            try {
                action.accept(result, failure);
            } catch (Throwable thrown) {
                if (failure == null) {
                    throw thrown;
                }
                Closes.first(failure, thrown);
            }
            if (failure != null) {
                throw failure instanceof CompletionException completed
                        ? completed
                        : new CompletionException(failure);
            }
            return result;
        });
    }

    private BiFunction<T, Throwable, T> orElse(Function<Throwable, ? extends T> fn) {
        Objects.requireNonNull(fn);
        return either((result, failure) -> failure == null ? result : fn.apply(failure));
    }

    private BiFunction<T, Throwable, CompletionStage<T>> orElseCompose(
            Function<Throwable, ? extends CompletionStage<T>> fn) {
        Objects.requireNonNull(fn);
        return either((result, failure) ->
                failure == null ? CompletableFuture.completedStage(result) : fn.apply(failure));
    }

    // ---- stages that are given the result ----

    @Override
    public <U> CompletableFuture<U> thenApply(Function<? super T, ? extends U> fn) {
        return super.thenApply(taking(fn));
    }

    @Override
    public <U> CompletableFuture<U> thenApplyAsync(Function<? super T, ? extends U> fn) {
        return super.thenApplyAsync(taking(fn));
    }

    @Override
    public <U> CompletableFuture<U> thenApplyAsync(
            Function<? super T, ? extends U> fn, Executor executor) {
        return super.thenApplyAsync(taking(fn), executor);
    }

    @Override
    public CompletableFuture<Void> thenAccept(Consumer<? super T> action) {
        return super.thenAccept(takingOnly(action));
    }

    @Override
    public CompletableFuture<Void> thenAcceptAsync(Consumer<? super T> action) {
        return super.thenAcceptAsync(takingOnly(action));
    }

    @Override
    public CompletableFuture<Void> thenAcceptAsync(Consumer<? super T> action, Executor executor) {
        return super.thenAcceptAsync(takingOnly(action), executor);
    }

    @Override
    public <U, V> CompletableFuture<V> thenCombine(
            CompletionStage<? extends U> other, BiFunction<? super T, ? super U, ? extends V> fn) {
        return super.thenCombine(other, takingFirst(fn));
    }

    @Override
    public <U, V> CompletableFuture<V> thenCombineAsync(
            CompletionStage<? extends U> other, BiFunction<? super T, ? super U, ? extends V> fn) {
        return super.thenCombineAsync(other, takingFirst(fn));
    }

    @Override
    public <U, V> CompletableFuture<V> thenCombineAsync(
            CompletionStage<? extends U> other,
            BiFunction<? super T, ? super U, ? extends V> fn,
            Executor executor) {
        return super.thenCombineAsync(other, takingFirst(fn), executor);
    }

    @Override
    public <U> CompletableFuture<Void> thenAcceptBoth(
            CompletionStage<? extends U> other, BiConsumer<? super T, ? super U> action) {
        return super.thenAcceptBoth(other, takingBoth(action));
    }

    @Override
    public <U> CompletableFuture<Void> thenAcceptBothAsync(
            CompletionStage<? extends U> other, BiConsumer<? super T, ? super U> action) {
        return super.thenAcceptBothAsync(other, takingBoth(action));
    }

    @Override
    public <U> CompletableFuture<Void> thenAcceptBothAsync(
            CompletionStage<? extends U> other,
            BiConsumer<? super T, ? super U> action,
            Executor executor) {
        return super.thenAcceptBothAsync(other, takingBoth(action), executor);
    }

    @Override
    public <U> CompletableFuture<U> applyToEither(
            CompletionStage<? extends T> other, Function<? super T, U> fn) {
        return super.applyToEither(other, taking(fn));
    }

    @Override
    public <U> CompletableFuture<U> applyToEitherAsync(
            CompletionStage<? extends T> other, Function<? super T, U> fn) {
        return super.applyToEitherAsync(other, taking(fn));
    }

    @Override
    public <U> CompletableFuture<U> applyToEitherAsync(
            CompletionStage<? extends T> other, Function<? super T, U> fn, Executor executor) {
        return super.applyToEitherAsync(other, taking(fn), executor);
    }

    @Override
    public CompletableFuture<Void> acceptEither(
            CompletionStage<? extends T> other, Consumer<? super T> action) {
        return super.acceptEither(other, takingOnly(action));
    }

    @Override
    public CompletableFuture<Void> acceptEitherAsync(
            CompletionStage<? extends T> other, Consumer<? super T> action) {
        return super.acceptEitherAsync(other, takingOnly(action));
    }

    @Override
    public CompletableFuture<Void> acceptEitherAsync(
            CompletionStage<? extends T> other, Consumer<? super T> action, Executor executor) {
        return super.acceptEitherAsync(other, takingOnly(action), executor);
    }

    @Override
    public <U> CompletableFuture<U> thenCompose(
            Function<? super T, ? extends CompletionStage<U>> fn) {
        return super.thenCompose(taking(fn));
    }

    @Override
    public <U> CompletableFuture<U> thenComposeAsync(
            Function<? super T, ? extends CompletionStage<U>> fn) {
        return super.thenComposeAsync(taking(fn));
    }

    @Override
    public <U> CompletableFuture<U> thenComposeAsync(
            Function<? super T, ? extends CompletionStage<U>> fn, Executor executor) {
        return super.thenComposeAsync(taking(fn), executor);
    }

    // ---- stages that are given the result or the failure ----

    @Override
    public CompletableFuture<T> whenComplete(BiConsumer<? super T, ? super Throwable> action) {
        return super.handle(seeing(action));
    }

    @Override
    public CompletableFuture<T> whenCompleteAsync(BiConsumer<? super T, ? super Throwable> action) {
        return super.handleAsync(seeing(action));
    }

    @Override
    public CompletableFuture<T> whenCompleteAsync(
            BiConsumer<? super T, ? super Throwable> action, Executor executor) {
        return super.handleAsync(seeing(action), executor);
    }

    @Override
    public <U> CompletableFuture<U> handle(BiFunction<? super T, Throwable, ? extends U> fn) {
        return super.handle(either(fn));
    }

    @Override
    public <U> CompletableFuture<U> handleAsync(BiFunction<? super T, Throwable, ? extends U> fn) {
        return super.handleAsync(either(fn));
    }

    @Override
    public <U> CompletableFuture<U> handleAsync(
            BiFunction<? super T, Throwable, ? extends U> fn, Executor executor) {
        return super.handleAsync(either(fn), executor);
    }

    @Override
    public CompletableFuture<T> exceptionally(Function<Throwable, ? extends T> fn) {
        return super.handle(orElse(fn));
    }

    @Override
    public CompletableFuture<T> exceptionallyAsync(Function<Throwable, ? extends T> fn) {
        return super.handleAsync(orElse(fn));
    }

    @Override
    public CompletableFuture<T> exceptionallyAsync(
            Function<Throwable, ? extends T> fn, Executor executor) {
        return super.handleAsync(orElse(fn), executor);
    }

    @Override
    public CompletableFuture<T> exceptionallyCompose(
            Function<Throwable, ? extends CompletionStage<T>> fn) {
        return super.handle(orElseCompose(fn)).thenCompose(Function.identity());
    }

    @Override
    public CompletableFuture<T> exceptionallyComposeAsync(
            Function<Throwable, ? extends CompletionStage<T>> fn) {
        return super.handleAsync(orElseCompose(fn)).thenCompose(Function.identity());
    }

    @Override
    public CompletableFuture<T> exceptionallyComposeAsync(
            Function<Throwable, ? extends CompletionStage<T>> fn, Executor executor) {
        return super.handleAsync(orElseCompose(fn), executor).thenCompose(Function.identity());
    }

    // ---- stages that are the result ----

    @Override
    public CompletableFuture<T> copy() {
        return thenApply(Function.identity());
    }

    /** A copy: whoever composes with this future asks for it, and is given the result past it. */
    @Override
    public CompletableFuture<T> toCompletableFuture() {
        return copy();
    }

    @Override
    public CompletionStage<T> minimalCompletionStage() {
        return copy().minimalCompletionStage();
    }
}
