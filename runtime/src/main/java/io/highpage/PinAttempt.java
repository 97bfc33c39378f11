// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.outcome.HighpageException;
import io.highpage.outcome.Refusal;

import java.util.Objects;

/** The result of {@link PageRange#tryPin}: a pin, or the reason why there is none. */
public sealed interface PinAttempt {

    /**
     * The range is pinned.
     *
     * @param pin the open pin
     */
    record Pinned(Pin pin) implements PinAttempt {
        public Pinned {
            Objects.requireNonNull(pin, "pin");
        }
    }

    /**
     * Nothing is pinned. Pages that had already come home stay home.
     *
     * @param why what {@link PageRange#pin} would have thrown an exception of
     */
    record Refused(Refusal why) implements PinAttempt {
        public Refused {
            Objects.requireNonNull(why, "why");
        }
    }

    /**
     * {@return the pin}
     *
     * @throws HighpageException if there is none: what {@link PageRange#pin} would have thrown
     */
    default Pin orElseThrow() {
        return switch (this) {
            case Pinned(Pin pin) -> pin;
            case Refused(Refusal why) -> throw why.toException();
        };
    }
}
