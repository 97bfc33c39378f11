// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import io.highpage.internal.outcome.FailedStep;
import io.highpage.internal.outcome.RefusedPages;

import java.util.Optional;

/**
 * Why an operation could not have the pages of a range: the values of the exception that it would
 * have thrown, without one. Immutable, hence thread-safe.
 */
public sealed interface Refusal permits RefusedPages, FailedStep {

    /**
     * {@return the index in the buffer of the first page in the way; the first page of the range
     * where the failure concerns all of it}
     */
    long page();

    /** {@return what is in the way of that page} */
    PageOutcome reason();

    /** {@return the reason of every page of the range, where the failure concerns pages} */
    Optional<PageOutcomes> outcomes();

    /**
     * {@return the failure of a device or of the system that is behind it; empty where pages are
     * busy}
     */
    Optional<HighpageException> cause();

    /**
     * {@return what failed, with its values}. Made when it is first asked for; it names who holds
     * the page then.
     */
    String message();

    /**
     * {@return whether something keeps or moves pages, so that the same may succeed later: where
     * the exception is a {@link PagesBusyException}}
     */
    default boolean isBusy() {
        return switch (reason()) {
            case NO_HOST_MEMORY, NO_DEVICE_MEMORY, DEVICE_LOST, COPY_FAILED -> false;
            default -> true;
        };
    }

    /** {@return the exception that the operation would have thrown, with the caller's stack} */
    default HighpageException toException() {
        return switch (reason()) {
            case NO_HOST_MEMORY, NO_DEVICE_MEMORY -> new OutOfPageMemoryException(this);
            case DEVICE_LOST -> new DeviceLostException(this);
            case COPY_FAILED -> new DeviceException(this);
            default -> new PagesBusyException(this);
        };
    }
}
