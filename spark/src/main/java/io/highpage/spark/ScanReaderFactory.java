// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.pipe.PipeShape;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;

import java.util.List;

/**
 * What every task of a scan needs. Immutable and thread-safe.
 *
 * @param options what the program has said
 * @param made what the kernel makes
 * @param pieceBytes of each input and column at once
 * @param all columns that the kernel makes
 * @param needed which of them are read, in their order
 */
record ScanReaderFactory(
        ScanOptions options,
        KernelColumns made,
        long pieceBytes,
        StructType all,
        List<Integer> needed)
        implements PartitionReaderFactory {
    /**
     * {@return what a task needs of a device}
     *
     * @param deviceBytes that its executor has of it
     */
    PipeShape shape(long deviceBytes) {
        return made.shape(options.inputs().size(), pieceBytes, deviceBytes);
    }

    @Override
    public boolean supportColumnarReads(InputPartition partition) {
        return true;
    }

    @Override
    public PartitionReader<ColumnarBatch> createColumnarReader(InputPartition partition) {
        return ScanReader.ofThisTask(this, (ScanRange) partition);
    }

    /** Spark does not ask for rows where there are columns. */
    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
        throw new UnsupportedOperationException("a highpage scan is read by columns only");
    }
}
