// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

/**
 * Of a {@code highpage} scan: the bytes that tasks have read from their inputs. Immutable and
 * thread-safe.
 */
public final class ScanBytesMetric extends ScanMetric {
    /** For Spark. */
    public ScanBytesMetric() {
        super("bytesRead", "bytes read from inputs");
    }

    @Override
    public String aggregateTaskMetrics(long[] tasks) {
        return totalBytes(tasks);
    }
}
