// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;

import java.util.Locale;
import java.util.stream.LongStream;

/**
 * Something that a scan counts, as Spark's pages show it. Spark makes one by its name wherever it
 * adds tasks up, so each is a public class. Immutable and thread-safe.
 */
abstract sealed class ScanMetric implements CustomMetric
        permits ScanBytesMetric, ScanKernelMetric, ScanWaitMetric {
    private final String name;
    private final String description;

    ScanMetric(String name, String description) {
        this.name = name;
        this.description = description;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String description() {
        return description;
    }

    /** {@return what a task has counted so far} */
    final CustomTaskMetric of(long value) {
        return new Counted(name, value);
    }

    private record Counted(String name, long value) implements CustomTaskMetric {}

    static String totalBytes(long[] tasks) {
        double mebibytes = LongStream.of(tasks).sum() / (double) (1 << 20);
        return String.format(Locale.ROOT, "%.1f MiB", mebibytes);
    }

    static String totalTime(long[] nanos) {
        double total = LongStream.of(nanos).sum() / 1e6;
        double most = LongStream.of(nanos).max().orElse(0) / 1e6;
        return String.format(Locale.ROOT, "%.1f ms, at most %.1f ms in a task", total, most);
    }
}
