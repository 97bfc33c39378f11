// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import java.util.Objects;

/**
 * What was found when it was looked whether a pin is what it says.
 *
 * @param verdict the answer
 * @param evidence what was read, where, with numbers
 */
public record Verification(Verdict verdict, String evidence) {

    /** The answer, best first. */
    public enum Verdict {
        /** Everything that was read agrees. */
        CONFIRMED,
        /** Something cannot be known here; nothing that was read disagrees. */
        UNVERIFIABLE,
        /** Something that was read disagrees. */
        REFUTED
    }

    /** Checks that nothing is null. */
    public Verification {
        Objects.requireNonNull(verdict, "verdict");
        Objects.requireNonNull(evidence, "evidence");
    }

    /** {@return whether everything that was read agrees} */
    public boolean isConfirmed() {
        return verdict == Verdict.CONFIRMED;
    }

    /**
     * Joins two findings about the same pin.
     *
     * @param other the other finding
     * @return the worse verdict of both, and the evidence of both
     */
    public Verification and(Verification other) {
        Verdict worse = verdict.compareTo(other.verdict) >= 0 ? verdict : other.verdict;
        return new Verification(worse, evidence + "; " + other.evidence);
    }
}
