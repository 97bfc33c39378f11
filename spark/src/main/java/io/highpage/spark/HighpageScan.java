// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.types.StructType;

import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * A scan of a table: some of its columns, and how files become tasks. Scans that are equal read the
 * same, and Spark then reads once. Immutable and thread-safe.
 *
 * @param table what is read
 * @param readSchema the columns that are needed; the kernel makes all of them
 */
record HighpageScan(HighpageTable table, StructType readSchema)
        implements Scan, Batch, SupportsReportStatistics {
    @Override
    public String description() {
        return table.name() + " over " + table.files().groups().size() + " files of "
                + table.files().byteSize() + " bytes";
    }

    @Override
    public Batch toBatch() {
        return this;
    }

    /** Said here, so that Spark does not have to plan tasks in order to learn it. */
    @Override
    public ColumnarSupportMode columnarSupportMode() {
        return ColumnarSupportMode.SUPPORTED;
    }

    @Override
    public InputPartition[] planInputPartitions() {
        return table.files()
                .ranges(pieceBytes(), table.options().partitionBytes())
                .toArray(InputPartition[]::new);
    }

    @Override
    public PartitionReaderFactory createReaderFactory() {
        return readers();
    }

    ScanReaderFactory readers() {
        List<Integer> outputs = IntStream.range(0, readSchema.length())
                .mapToObj(i -> table.all().fieldIndex(readSchema.fields()[i].name()))
                .toList();
        return new ScanReaderFactory(
                table.options(), table.made(), pieceBytes(), table.all(), outputs);
    }

    /** Whole elements, and no more rows than a batch can count. */
    private long pieceBytes() {
        long most = (long) Integer.MAX_VALUE * KernelColumns.rowBytes(table.all());
        return table.made().pieceBytes(Math.min(table.options().chunkBytes(), most));
    }

    @Override
    public Statistics estimateStatistics() {
        long bytes = table.files().byteSize();
        return new Statistics() {
            @Override
            public OptionalLong sizeInBytes() {
                return OptionalLong.of(bytes * Math.max(1, readSchema.length()));
            }

            @Override
            public OptionalLong numRows() {
                return OptionalLong.of(bytes / KernelColumns.rowBytes(table.all()));
            }
        };
    }

    @Override
    public CustomMetric[] supportedCustomMetrics() {
        return new CustomMetric[] {
            new ScanBytesMetric(), new ScanKernelMetric(), new ScanWaitMetric()
        };
    }
}
