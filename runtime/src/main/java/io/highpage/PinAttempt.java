// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.outcome.HighpageException;

/** The result of {@link PageBuffer#tryPin}: a pin, or the reason why there is none. */
public sealed interface PinAttempt {

    /**
     * The range is pinned.
     *
     * @param pin the open pin
     */
    record Pinned(Pin pin) implements PinAttempt {}

    /**
     * Nothing is pinned. Pages that had already come home stay home.
     *
     * @param why the exception that {@link PageBuffer#pin} would have thrown
     */
    record Refused(HighpageException why) implements PinAttempt {}
}
