// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

/** Runs steps that all have to be tried, and throws the first failure in the end. Confined to one operation. */
final class FirstFailure {
    private RuntimeException first;

    void run(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException failure) {
            if (first == null) {
                first = failure;
            } else {
                first.addSuppressed(failure);
            }
        }
    }

    void rethrow() {
        if (first != null) {
            throw first;
        }
    }
}
