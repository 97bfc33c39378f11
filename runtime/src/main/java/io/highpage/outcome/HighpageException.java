// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import org.jspecify.annotations.Nullable;

import java.util.Optional;

/**
 * An operation on pages could not do what was asked. Every page is intact and unlocked unless the
 * message says that its device was lost. A caller's own mistake (a bad argument, use after close)
 * is a JDK exception instead: {@link IllegalArgumentException}, {@link IndexOutOfBoundsException},
 * {@link IllegalStateException} or {@link WrongThreadException}.
 */
public abstract sealed class HighpageException extends RuntimeException
        permits PagesBusyException, OutOfPageMemoryException, DeviceException {
    private static final long serialVersionUID = 1;

    private final transient @Nullable PageOutcomes outcomes;

    /** An exception that a device or the system made, of no pages. */
    HighpageException(String message, @Nullable Throwable cause) {
        super(message, cause);
        this.outcomes = null;
    }

    /** The exception for a refusal. */
    HighpageException(Refusal refused) {
        super(refused.message(), refused.cause().orElse(null));
        this.outcomes = refused.outcomes().orElse(null);
    }

    /** {@return the reason of every page of the range, where the failure concerns pages} */
    public Optional<PageOutcomes> outcomes() {
        return Optional.ofNullable(outcomes);
    }
}
