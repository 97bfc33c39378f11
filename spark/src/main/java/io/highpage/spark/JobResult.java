// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.io.Serializable;
import java.util.List;

/**
 * What a job that succeeded has made. Immutable and thread-safe.
 *
 * @param jobId of this job; no other has it
 * @param outputs in the order of the inputs, one for each
 */
public record JobResult(String jobId, List<JobOutput> outputs) implements Serializable {
    /** Keeps a copy of the list. */
    public JobResult {
        outputs = List.copyOf(outputs);
    }
}
