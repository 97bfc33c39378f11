// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.outcome;

import io.highpage.outcome.HighpageException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PageOutcomes;

import java.util.Optional;

/** The report of a move. */
public record Moved(PageOutcomes outcomes, Optional<HighpageException> failure)
        implements MoveReport {}
