// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A job that did not make all its outputs. Those that it committed are whole and stay; nothing else
 * of it does. The message says what to do. Thread-safe.
 */
public final class JobFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final JobOutput[] committed;

    JobFailedException(String message, List<JobOutput> committed, @Nullable Throwable cause) {
        super(message, cause);
        this.committed = committed.toArray(JobOutput[]::new);
    }

    /** {@return the outputs of which the driver knows that they are committed} */
    public List<JobOutput> committed() {
        return List.of(committed);
    }
}
