// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.internal.close.Closes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Closes several things, whichever of them fails. */
final class Ends {
    private Ends() {}

    /** Closes one. {@return the first failure so far, or null} */
    static @Nullable Throwable step(@Nullable Throwable failed, @Nullable AutoCloseable one) {
        try {
            if (one != null) {
                one.close();
            }
            return failed;
        } catch (IOException failure) {
            return Closes.first(failed, new UncheckedIOException(failure.getMessage(), failure));
        } catch (Throwable failure) {
            return Closes.first(failed, failure);
        }
    }

    /** Closes all in this order; then throws the first failure. */
    static void all(@Nullable AutoCloseable... all) {
        Throwable failed = null;
        for (AutoCloseable one : all) {
            failed = step(failed, one);
        }
        Closes.rethrow(failed);
    }

    /**
     * Closes what was made before something failed, in this order.
     *
     * @return never: throws the failure
     */
    static RuntimeException after(Throwable failed, @Nullable AutoCloseable... made) {
        Throwable first = failed;
        for (AutoCloseable one : made) {
            first = step(first, one);
        }
        Closes.rethrow(first);
        throw new AssertionError(failed); // it was thrown
    }
}
