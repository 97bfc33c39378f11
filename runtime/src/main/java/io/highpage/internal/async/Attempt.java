// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.async;

import org.jspecify.annotations.Nullable;

/**
 * What an asynchronous operation does, in attempts that wait for nobody. Called by one thread at a
 * time, each of which sees what the one before did.
 *
 * @param <T> its result
 */
public interface Attempt<T> {
    /** Its time begins now, which deadlines count from. Called before the first attempt. */
    default void begins() {}

    /**
     * Tries, or goes on. {@return the result; null if it would have to wait, or its future
     * {@linkplain OwnedFuture#isEnded has ended}} What fails has given back all that the operation
     * had.
     */
    @Nullable
    T go();

    /** {@return how long it may still wait, in nanoseconds}; asked after an attempt that has to */
    long leftNanos();

    /** Gives back what attempts have so far: there will be none any more. Cannot fail. */
    void abandon();

    /** {@return whether the result is something that somebody has to give back} */
    boolean isOwned();

    /** Gives a result back that nobody has seen. What fails is tried again when all closes. */
    default void giveBack(T result) {}

    /** {@return what it is an operation on} */
    Object subject();
}
