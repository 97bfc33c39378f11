// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

/**
 * Of a {@code highpage} scan: the time that tasks waited for device memory that others had.
 * Immutable and thread-safe.
 */
public final class ScanWaitMetric extends ScanMetric {
    /** For Spark. */
    public ScanWaitMetric() {
        super("roomWait", "wait for room on the device");
    }

    @Override
    public String aggregateTaskMetrics(long[] tasks) {
        return totalTime(tasks);
    }
}
