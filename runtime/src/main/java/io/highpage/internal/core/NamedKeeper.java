// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Keeper;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Verification;
import io.highpage.outcome.Verification.Verdict;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** A keeper that is only a name. */
public record NamedKeeper(String name) implements Keeper {
    public NamedKeeper {
        Objects.requireNonNull(name, "name");
    }

    @Override
    public Strength strength() {
        return Strength.RUNTIME;
    }

    @Override
    public Verification verify(MemorySegment range) {
        return Verification.of(Verdict.CONFIRMED, name + " keeps the pin open, and nothing more");
    }
}
