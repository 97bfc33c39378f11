// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.pipe.KernelCall;
import io.highpage.pipe.PieceStream;
import io.highpage.pipe.PipePool;

import org.apache.spark.TaskContext;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.OptionalLong;

/**
 * Reads a range: each batch is a piece of the kernel's results where the pipe has them. A pipe is
 * leased with the first batch and given back behind the last one, or when the task ends.
 *
 * <p>Thread-safe: batches may be asked for by another thread than the task's, as PySpark does,
 * which ends them all the same.
 */
final class ScanReader implements PartitionReader<ColumnarBatch> {
    private final ScanReaderFactory scan;
    private final ScanRange range;
    private final TaskPages task;

    // Guarded by this.
    private KernelPrograms.@Nullable Use program;
    private PipePool.@Nullable Lease lease;
    private @Nullable PieceStream stream;
    private @Nullable ColumnarBatch batch;
    private boolean isClosed;
    private long bytesRead;
    private long kernelNanos;
    private long waitNanos;

    private ScanReader(ScanReaderFactory scan, ScanRange range, TaskPages task) {
        this.scan = scan;
        this.range = range;
        this.task = task;
    }

    /** {@return a reader for the task that this thread runs} */
    static ScanReader ofThisTask(ScanReaderFactory scan, ScanRange range) {
        ScanReader reader = new ScanReader(scan, range, TaskPages.ofScan());
        // Spark closes readers at a task's end, too, but not before the task's pages are looked at
        // for leaks: what was registered last is told first.
        TaskCompletionListener end = ended -> reader.close();
        TaskContext.get().addTaskCompletionListener(end);
        return reader;
    }

    /** Ends the batch before, and gets the next. */
    @Override
    public synchronized boolean next() throws IOException {
        endBatch();
        if (isClosed) {
            return false;
        }
        try {
            PieceStream pieces = stream == null ? open() : stream;
            if (pieces.next()) {
                batch = batch(pieces);
                bytesRead += pieces.byteSize() * range.group().paths().size();
                kernelNanos = pieces.result().kernelNanos();
                return true;
            }
            range.group().check();
            close();
            return false;
        } catch (InterruptedException killed) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(task.owner() + " was interrupted");
        }
    }

    @Override
    public synchronized ColumnarBatch get() {
        if (batch == null) {
            throw new IllegalStateException(
                    "there is no batch: next() makes one, and says whether" + " it has");
        }
        return batch;
    }

    private PieceStream open() throws IOException, InterruptedException {
        range.group().check();
        DeviceKernel kernel = scan.options().kernel();
        KernelPrograms.Use used = task.programs().use(scan.options().source(), kernel.name());
        program = used;
        KernelCall call = new KernelCall(
                used.program(), kernel.scalars(), scan.made().elementBytes(), OptionalLong.empty());
        long start = System.nanoTime();
        PipePool.Lease leased = task.lease(scan.shape(task.device().limitBytes()));
        lease = leased;
        waitNanos = System.nanoTime() - start;
        PieceStream opened = leased.pipe().stream(range.inputs(), call);
        stream = opened;
        return opened;
    }

    private ColumnarBatch batch(PieceStream pieces) {
        ColumnVector[] columns = new ColumnVector[scan.needed().size()];
        for (int i = 0; i < columns.length; i++) {
            int output = scan.needed().get(i);
            DataType type = scan.all().fields()[output].dataType();
            columns[i] = new PinnedColumn(type, pieces.output(output));
        }
        long rows = pieces.byteSize() / KernelColumns.rowBytes(scan.all());
        return new ColumnarBatch(columns, Math.toIntExact(rows));
    }

    private void endBatch() {
        if (batch != null) {
            batch.close();
            batch = null;
        }
    }

    /** Gives the pipe back, whatever it was doing. A second call does nothing. */
    @Override
    public synchronized void close() {
        isClosed = true;
        endBatch();
        if (program != null) {
            program.close();
            program = null;
        }
        if (lease != null) {
            lease.close(); // the stream, too
            lease = null;
        }
    }

    @Override
    public synchronized CustomTaskMetric[] currentMetricsValues() {
        return new CustomTaskMetric[] {
            new ScanBytesMetric().of(bytesRead),
            new ScanKernelMetric().of(kernelNanos),
            new ScanWaitMetric().of(waitNanos)
        };
    }
}
