// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.outcome;

import io.highpage.outcome.HighpageException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PageOutcomes;
import io.highpage.outcome.Refusal;

import java.util.Optional;

/**
 * A device or the system failed where no page was looked at, such as a limit on page-locks.
 *
 * @param page the first page of the range
 * @param reason what it means for the pages
 * @param failure what was thrown
 */
public record FailedStep(long page, PageOutcome reason, HighpageException failure)
        implements Refusal {

    @Override
    public Optional<PageOutcomes> outcomes() {
        return failure.outcomes();
    }

    @Override
    public Optional<HighpageException> cause() {
        return Optional.of(failure);
    }

    @Override
    public String message() {
        return String.valueOf(failure.getMessage());
    }

    @Override
    public HighpageException toException() {
        return failure;
    }

    @Override
    public String toString() {
        return message();
    }
}
