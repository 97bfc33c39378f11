// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.bench.Numbers;

/**
 * One row of the result: what was compared, and whether the target is met.
 *
 * @param name of the row
 * @param what is compared with what
 * @param ratio as measured, null if it could not be
 * @param target the limit
 * @param bound the side of the limit on which the ratio has to be
 * @param met whether it is; false if it was not measured
 * @param note both times, or why it was not measured
 */
public record Row(
        String name,
        String what,
        Double ratio,
        double target,
        Target.Bound bound,
        boolean met,
        String note) {
    /** How the note of a row begins that could not be measured. */
    public static final String NOT_MEASURED = "not measured: ";

    /** Why a row has no figures that nobody asked for. */
    static final String LEFT_OUT = "left out by --only";

    /** {@return the row of a goal, from what was measured} */
    static Row of(Goal goal, Figures figures) {
        try {
            Comparison found = goal.comparison().apply(figures);
            return of(goal.name(), goal.what(), goal.target(), found.ratio(), found.note());
        } catch (NotMeasured reason) {
            return new Row(
                    goal.name(),
                    goal.what(),
                    null,
                    goal.target().value(),
                    goal.target().bound(),
                    false,
                    NOT_MEASURED + reason.getMessage());
        }
    }

    /**
     * {@return a row of what was measured}
     *
     * @param name of the row
     * @param what is compared with what
     * @param target what to reach
     * @param ratio as measured
     * @param note both sides
     */
    public static Row of(String name, String what, Target target, double ratio, String note) {
        return new Row(
                name, what, ratio, target.value(), target.bound(), target.isMet(ratio), note);
    }

    /** {@return whether nobody asked for it} */
    boolean isLeftOut() {
        return note.equals(NOT_MEASURED + LEFT_OUT);
    }

    String ratioText() {
        return ratio == null ? "-" : Numbers.text(ratio);
    }

    String targetText() {
        return new Target(bound, target).toString();
    }

    String metText() {
        return met ? "met" : ratio == null ? "not measured" : "not met";
    }
}
