// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import java.util.Objects;

/**
 * What was found when it was looked whether a pin is what it says. Immutable, hence thread-safe.
 */
public final class Verification {
    private final Verdict verdict;
    private final String evidence;

    /** The answer, best first. */
    public enum Verdict {
        /** Everything that was read agrees. */
        CONFIRMED,
        /** Something cannot be known here; nothing that was read disagrees. */
        UNVERIFIABLE,
        /** Something that was read disagrees. */
        REFUTED
    }

    private Verification(Verdict verdict, String evidence) {
        this.verdict = Objects.requireNonNull(verdict, "verdict");
        this.evidence = Objects.requireNonNull(evidence, "evidence");
    }

    /**
     * {@return a finding}
     *
     * @param verdict the answer
     * @param evidence what was read, where, with numbers
     */
    public static Verification of(Verdict verdict, String evidence) {
        return new Verification(verdict, evidence);
    }

    /** {@return the answer} */
    public Verdict verdict() {
        return verdict;
    }

    /** {@return what was read, where, with numbers} */
    public String evidence() {
        return evidence;
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

    @Override
    public boolean equals(Object other) {
        return other instanceof Verification same
                && verdict == same.verdict
                && evidence.equals(same.evidence);
    }

    @Override
    public int hashCode() {
        return Objects.hash(verdict, evidence);
    }

    /** {@return verdict and evidence, for messages} */
    @Override
    public String toString() {
        return verdict + ": " + evidence;
    }
}
