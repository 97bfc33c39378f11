// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

import java.util.Optional;

/**
 * What came of one trace.
 *
 * @param trace the trace
 * @param difference where the runtime first did something else, or empty if it did all the same
 */
public record ReplayResult(Trace trace, Optional<Difference> difference) {

    /**
     * Where a runtime differed.
     *
     * @param line the line of the step in the trace file
     * @param step what was done
     * @param expected what the trace says
     * @param got what the runtime did
     */
    public record Difference(int line, String step, String expected, String got) {}

    /** {@return whether the runtime did all that the trace says} */
    public boolean passed() {
        return difference.isEmpty();
    }

    /** {@return one line for people} */
    @Override
    public String toString() {
        return trace.title()
                + difference
                        .map(found -> " differs in line " + found.line() + ", step '" + found.step()
                                + "': expected " + found.expected() + ", got " + found.got())
                        .orElse(" passed");
    }
}
