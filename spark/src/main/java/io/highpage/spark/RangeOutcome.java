// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.io.Serializable;

/**
 * How a task ended, if it is not worth another attempt: Spark tries again what throws, and never
 * what returns.
 */
sealed interface RangeOutcome extends Serializable {
    /**
     * The output is there.
     *
     * @param output the output, of this attempt or of another
     */
    record Committed(JobOutput output) implements RangeOutcome {}

    /**
     * The job is wrong.
     *
     * @param why for the user
     */
    record Refused(String why) implements RangeOutcome {}
}
