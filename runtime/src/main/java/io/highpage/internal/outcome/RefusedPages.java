// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.outcome;

import io.highpage.outcome.HighpageException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PageOutcomes;
import io.highpage.outcome.Refusal;

import org.jspecify.annotations.Nullable;

import java.util.Optional;
import java.util.function.Supplier;

/** A page is in the way, or a step that it needed has failed. */
public final class RefusedPages implements Refusal {
    private final long page;
    private final PageOutcome reason;
    private final @Nullable PageOutcomes outcomes;
    private final @Nullable HighpageException cause;
    private final Supplier<String> words;
    private @Nullable String message; // null until it is asked for; two threads may both make it

    /**
     * Made where the refusal is known.
     *
     * @param page the first page in the way
     * @param reason what is in the way
     * @param outcomes the reason of every page of the range, or null
     * @param cause the failed step, or null
     * @param words makes the message
     */
    public RefusedPages(
            long page,
            PageOutcome reason,
            @Nullable PageOutcomes outcomes,
            @Nullable HighpageException cause,
            Supplier<String> words) {
        this.page = page;
        this.reason = reason;
        this.outcomes = outcomes;
        this.cause = cause;
        this.words = words;
    }

    @Override
    public long page() {
        return page;
    }

    @Override
    public PageOutcome reason() {
        return reason;
    }

    @Override
    public Optional<PageOutcomes> outcomes() {
        return Optional.ofNullable(outcomes);
    }

    @Override
    public Optional<HighpageException> cause() {
        return Optional.ofNullable(cause);
    }

    @Override
    public String message() {
        String made = message;
        if (made == null) {
            made = words.get();
            message = made;
        }
        return made;
    }

    @Override
    public String toString() {
        return message();
    }
}
