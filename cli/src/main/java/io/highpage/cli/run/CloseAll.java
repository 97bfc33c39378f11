// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.cli.console.UserError;

import java.util.List;

/** Closes several things, whichever of them fails. */
final class CloseAll {
    private CloseAll() {}

    /**
     * Closes them in this order; then throws the first failure, with the others as suppressed ones.
     */
    static void inOrder(List<? extends AutoCloseable> all) {
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
}
