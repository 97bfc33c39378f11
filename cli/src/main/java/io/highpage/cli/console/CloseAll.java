// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Closes several things, whichever of them fails. */
public final class CloseAll {
    private CloseAll() {}

    /**
     * Closes them in this order; then throws the first failure, with the others as suppressed ones.
     *
     * @param all what is open
     */
    public static void inOrder(List<? extends AutoCloseable> all) {
        RuntimeException first = null;
        for (AutoCloseable one : all) {
            try {
                one.close();
            } catch (Exception failed) {
                if (first == null) {
                    first = failed instanceof RuntimeException unchecked
                            ? unchecked
                            : UserError.failed(
                                    "cannot close " + one + ": " + failed.getMessage(), failed);
                } else {
                    first.addSuppressed(failed);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /**
     * Closes, in this order, what was made before something failed; what fails of that is
     * suppressed in it.
     *
     * @param failed what the caller goes on to throw
     * @param made what is open, null where there is nothing yet
     */
    public static void after(Throwable failed, @Nullable AutoCloseable... made) {
        for (AutoCloseable one : made) {
            try {
                if (one != null) {
                    one.close();
                }
            } catch (Exception later) {
                failed.addSuppressed(later);
            }
        }
    }
}
