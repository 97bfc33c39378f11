// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.internal.close.Closes;
import io.highpage.outcome.PageOutcomes;

import java.util.List;

/** The pins of the pieces of a range. */
public record PinnedParts(List<Pin> pins, PageOutcomes outcomes) implements PartialPin {

    /** Copies the list. */
    public PinnedParts {
        pins = List.copyOf(pins);
    }

    @Override
    public void close() {
        Closes.each(pins, Pin::close);
    }
}
