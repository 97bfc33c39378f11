// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

import java.util.List;

/**
 * What came of the trace of a program. Immutable.
 *
 * @param trace the trace
 * @param steps what came of its steps, in order
 */
public record ProgramResult(ProgramTrace trace, List<Step> steps) {

    /** How a step went, compared with the recording. */
    public enum Verdict {
        /** It went as recorded. */
        SAME,
        /** It went otherwise. */
        DIFFERENT,
        /** It went as it went: others were at the same pages at the same time when recorded. */
        NOT_COMPARED
    }

    /**
     * One step.
     *
     * @param number its number in the trace
     * @param text what was done, and what came of it when it was recorded
     * @param verdict how it compares
     * @param got what came of it now
     */
    public record Step(int number, String text, Verdict verdict, String got) {
        /** {@return one line for people} */
        @Override
        public String toString() {
            return switch (verdict) {
                case SAME -> "step " + number + ", '" + text + "': as recorded";
                case DIFFERENT -> "step " + number + ", '" + text + "': got " + got;
                case NOT_COMPARED ->
                    "step " + number + ", '" + text + "': not compared, got " + got;
            };
        }
    }

    /** {@return how many steps went like that} */
    public long count(Verdict verdict) {
        return steps.stream().filter(step -> step.verdict() == verdict).count();
    }

    /** {@return whether all that can be compared went as recorded} */
    public boolean passed() {
        return count(Verdict.DIFFERENT) == 0;
    }
}
