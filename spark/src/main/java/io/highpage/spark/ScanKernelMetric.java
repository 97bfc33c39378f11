// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

/**
 * Of a {@code highpage} scan: the time that the kernel ran on devices. Immutable and thread-safe.
 */
public final class ScanKernelMetric extends ScanMetric {
    /** For Spark. */
    public ScanKernelMetric() {
        super("kernelTime", "time in the kernel");
    }

    @Override
    public String aggregateTaskMetrics(long[] tasks) {
        return totalTime(tasks);
    }
}
