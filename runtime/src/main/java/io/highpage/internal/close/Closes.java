// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.close;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/**
 * Closes several things though some of them fail: every one is tried, the first failure is thrown,
 * the others are suppressed in it. Nothing is allocated unless something fails, since a close must
 * work when memory is short.
 *
 * <pre>{@code
 * Throwable failed = Closes.step(null, first::close);
 * failed = Closes.step(failed, second::close);
 * Closes.rethrow(failed);
 * }</pre>
 */
public final class Closes {
    private Closes() {}

    /** Closes each of several things. */
    public static <T> void each(Iterable<? extends T> things, Consumer<? super T> close) {
        Throwable failed = null;
        for (T thing : things) {
            try {
                close.accept(thing);
            } catch (Throwable failure) {
                failed = first(failed, failure);
            }
        }
        rethrow(failed);
    }

    /** Takes one step whatever came before. {@return the first failure so far, or null} */
    public static @Nullable Throwable step(@Nullable Throwable failed, Runnable step) {
        try {
            step.run();
            return failed;
        } catch (Throwable failure) {
            return first(failed, failure);
        }
    }

    /**
     * {@return the earlier of two failures, in which the later one is suppressed; either may be
     * null}
     */
    public static @Nullable Throwable first(
            @Nullable Throwable earlier, @Nullable Throwable later) {
        if (earlier == null || later == null || earlier == later) {
            return earlier == null ? later : earlier;
        }
        try {
            earlier.addSuppressed(later);
        } catch (Throwable noRoom) {
            // The earlier one is what matters; telling of the later one needs memory or stack that
            // there is not.
        }
        return earlier;
    }

    /** Throws a failure as it is, unless it is null. */
    public static void rethrow(@Nullable Throwable failure) {
        if (failure != null) {
            throw Closes.<RuntimeException>unchecked(failure);
        }
    }

    @SuppressWarnings("unchecked") // the steps throw nothing that is checked
    private static <T extends Throwable> T unchecked(Throwable failure) throws T {
        throw (T) failure;
    }
}
