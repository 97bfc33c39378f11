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
abstract class HandingFuture<T> extends PublishedFuture<T> {
    /**
     * What came of taking a result.
     *
     * @param done whether it is the caller's now, and was the future's
     * @param why it cannot be taken any more; null if it was taken, by this or before, or is
     *     another one's
     */
    record Taking(boolean done, @Nullable Throwable why) {
        static final Taking DONE = new Taking(true, null);
        static final Taking NOTHING = new Taking(false, null);

        static Taking refused(Throwable why) {
            return new Taking(false, why);
        }
    }

    /**
     * Of a stage of two futures: what lets the stages of this one see the other itself. What asks
     * for its copy, as they would, takes its result whether the stage comes to be called or not.
     */
    private static final class Itself<U> extends CompletableFuture<U> {
        private final HandingFuture<U> future;

        Itself(HandingFuture<U> future) {
            this.future = future;
        }

        @Override
        public CompletableFuture<U> toCompletableFuture() {
            return future;
        }
    }

    /** Takes a result, if it is this future's. */
    abstract Taking take(@Nullable T result);

    /** A result that a call of {@link #take} has taken is this future's again. */
    abstract void untake(T result);

    /** {@return a result that the caller owns from now on} */
    final T handed(T result) {
        Throwable why = take(result).why();
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

    private <U, V> BiFunction<T, U, V> takingBoth(
            CompletionStage<?> other, BiFunction<? super T, ? super U, ? extends V> fn) {
        Objects.requireNonNull(fn);
        return (result, second) -> {
            handedBoth(result, other, second);
            return fn.apply(result, second);
        };
    }

    private <U> BiConsumer<T, U> takingBothOnly(
            CompletionStage<?> other, BiConsumer<? super T, ? super U> action) {
        Objects.requireNonNull(action);
        return (result, second) -> {
            handedBoth(result, other, second);
            action.accept(result, second);
        };
    }

    /** The caller owns both from now on, or neither. */
    private void handedBoth(T result, CompletionStage<?> other, Object second) {
        Taking mine = take(result);
        Throwable why = mine.why();
        if (why == null) {
            why = takeFrom(other, second).why();
            if (why != null && mine.done()) {
                untake(result);
            }
        }
        if (why != null) {
            throw thrown(why);
        }
    }

    /** Of the one of two whose result it is. */
    private <U> Function<T, U> takingOne(
            CompletionStage<? extends T> other, Function<? super T, U> fn) {
        Objects.requireNonNull(fn);
        return result -> fn.apply(handedOfOne(other, result));
    }

    private Consumer<T> takingOneOnly(
            CompletionStage<? extends T> other, Consumer<? super T> action) {
        Objects.requireNonNull(action);
        return result -> action.accept(handedOfOne(other, result));
    }

    private T handedOfOne(CompletionStage<? extends T> other, T result) {
        Taking mine = take(result);
        Throwable why = mine.why();
        if (why == null && !mine.done()) {
            why = takeFrom(other, result).why();
        }
        if (why != null) {
            throw thrown(why);
        }
        return result;
    }

    @SuppressWarnings("unchecked") // it is compared, and taken where it is the same
    private static Taking takeFrom(CompletionStage<?> other, Object result) {
        return other instanceof HandingFuture<?> owner
                ? ((HandingFuture<Object>) owner).take(result)
                : Taking.NOTHING;
    }

    /** {@return what to tell a stage of two futures of the other one} */
    private static <U> CompletionStage<U> itself(CompletionStage<U> other) {
        if (!(other instanceof HandingFuture<U> future)) {
            return other;
        }
        future.staged();
        return new Itself<>(future);
    }

    /**
     * One that hears of a result or of a failure, and of a result that cannot be taken any more.
     */
    @SuppressWarnings("NullAway") // one of the two is null, as for every such function
    private <U> BiFunction<T, Throwable, U> either(
            BiFunction<? super T, Throwable, ? extends U> fn) {
        Objects.requireNonNull(fn);
        return (result, failure) -> {
            Throwable why = failure == null ? take(result).why() : failure;
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
        return super.thenCombine(itself(other), takingBoth(other, fn));
    }

    @Override
    public <U, V> CompletableFuture<V> thenCombineAsync(
            CompletionStage<? extends U> other, BiFunction<? super T, ? super U, ? extends V> fn) {
        return super.thenCombineAsync(itself(other), takingBoth(other, fn));
    }

    @Override
    public <U, V> CompletableFuture<V> thenCombineAsync(
            CompletionStage<? extends U> other,
            BiFunction<? super T, ? super U, ? extends V> fn,
            Executor executor) {
        return super.thenCombineAsync(itself(other), takingBoth(other, fn), executor);
    }

    @Override
    public <U> CompletableFuture<Void> thenAcceptBoth(
            CompletionStage<? extends U> other, BiConsumer<? super T, ? super U> action) {
        return super.thenAcceptBoth(itself(other), takingBothOnly(other, action));
    }

    @Override
    public <U> CompletableFuture<Void> thenAcceptBothAsync(
            CompletionStage<? extends U> other, BiConsumer<? super T, ? super U> action) {
        return super.thenAcceptBothAsync(itself(other), takingBothOnly(other, action));
    }

    @Override
    public <U> CompletableFuture<Void> thenAcceptBothAsync(
            CompletionStage<? extends U> other,
            BiConsumer<? super T, ? super U> action,
            Executor executor) {
        return super.thenAcceptBothAsync(itself(other), takingBothOnly(other, action), executor);
    }

    @Override
    public <U> CompletableFuture<U> applyToEither(
            CompletionStage<? extends T> other, Function<? super T, U> fn) {
        return super.applyToEither(itself(other), takingOne(other, fn));
    }

    @Override
    public <U> CompletableFuture<U> applyToEitherAsync(
            CompletionStage<? extends T> other, Function<? super T, U> fn) {
        return super.applyToEitherAsync(itself(other), takingOne(other, fn));
    }

    @Override
    public <U> CompletableFuture<U> applyToEitherAsync(
            CompletionStage<? extends T> other, Function<? super T, U> fn, Executor executor) {
        return super.applyToEitherAsync(itself(other), takingOne(other, fn), executor);
    }

    @Override
    public CompletableFuture<Void> acceptEither(
            CompletionStage<? extends T> other, Consumer<? super T> action) {
        return super.acceptEither(itself(other), takingOneOnly(other, action));
    }

    @Override
    public CompletableFuture<Void> acceptEitherAsync(
            CompletionStage<? extends T> other, Consumer<? super T> action) {
        return super.acceptEitherAsync(itself(other), takingOneOnly(other, action));
    }

    @Override
    public CompletableFuture<Void> acceptEitherAsync(
            CompletionStage<? extends T> other, Consumer<? super T> action, Executor executor) {
        return super.acceptEitherAsync(itself(other), takingOneOnly(other, action), executor);
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

    // ---- stages that are given nothing ----

    @Override
    public CompletableFuture<Void> runAfterBoth(CompletionStage<?> other, Runnable action) {
        return super.runAfterBoth(itself(other), action);
    }

    @Override
    public CompletableFuture<Void> runAfterBothAsync(CompletionStage<?> other, Runnable action) {
        return super.runAfterBothAsync(itself(other), action);
    }

    @Override
    public CompletableFuture<Void> runAfterBothAsync(
            CompletionStage<?> other, Runnable action, Executor executor) {
        return super.runAfterBothAsync(itself(other), action, executor);
    }

    @Override
    public CompletableFuture<Void> runAfterEither(CompletionStage<?> other, Runnable action) {
        return super.runAfterEither(itself(other), action);
    }

    @Override
    public CompletableFuture<Void> runAfterEitherAsync(CompletionStage<?> other, Runnable action) {
        return super.runAfterEitherAsync(itself(other), action);
    }

    @Override
    public CompletableFuture<Void> runAfterEitherAsync(
            CompletionStage<?> other, Runnable action, Executor executor) {
        return super.runAfterEitherAsync(itself(other), action, executor);
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
