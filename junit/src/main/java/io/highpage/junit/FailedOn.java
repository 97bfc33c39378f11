// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Says on which device a test failed, among what its failure has suppressed: many reports have the
 * number of a run and not its name. The failure itself stays what it is, with what was expected.
 */
final class FailedOn extends Exception {
    private static final long serialVersionUID = 1;

    private FailedOn(String device) {
        super(device, null, false, false);
    }

    @Override
    public String toString() {
        return "on device " + getMessage();
    }

    /** Adds one to each failure. */
    record Notes(String device)
            implements TestExecutionExceptionHandler, LifecycleMethodExecutionExceptionHandler {

        private void note(Throwable failure) throws Throwable {
            failure.addSuppressed(new FailedOn(device));
            throw failure;
        }

        @Override
        public void handleTestExecutionException(ExtensionContext context, Throwable failure)
                throws Throwable {
            note(failure);
        }

        @Override
        public void handleBeforeEachMethodExecutionException(
                ExtensionContext context, Throwable failure) throws Throwable {
            note(failure);
        }

        @Override
        public void handleAfterEachMethodExecutionException(
                ExtensionContext context, Throwable failure) throws Throwable {
            note(failure);
        }

        @Override
        public void handleBeforeAllMethodExecutionException(
                ExtensionContext context, Throwable failure) throws Throwable {
            note(failure);
        }

        @Override
        public void handleAfterAllMethodExecutionException(
                ExtensionContext context, Throwable failure) throws Throwable {
            note(failure);
        }
    }
}
