// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The same column as Highpage's, as one would write it for Spark without a device: files of
 * numbers, a loop in Java, Spark's own column on the heap. Options {@code folder} and
 * {@code kernel}; a partition a file.
 */
public final class JavaColumns implements TableProvider {
    private static final StructType SCHEMA =
            new StructType().add("out", DataTypes.FloatType, false);

    /** For Spark. */
    public JavaColumns() {}

    @Override
    public StructType inferSchema(CaseInsensitiveStringMap options) {
        return SCHEMA;
    }

    @Override
    public Table getTable(
            StructType schema, Transform[] partitioning, Map<String, String> properties) {
        return new Numbers();
    }

    private static final class Numbers implements Table, SupportsRead {
        @Override
        public String name() {
            return "numbers";
        }

        @Override
        public Column[] columns() {
            return new Column[] {Column.create("out", DataTypes.FloatType, false)};
        }

        @Override
        public Set<TableCapability> capabilities() {
            return Set.of(TableCapability.BATCH_READ);
        }

        @Override
        public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
            return () -> new NumbersScan(
                    options.get("folder"), BenchKernel.valueOf(options.get("kernel")));
        }
    }

    private record NumbersScan(String folder, BenchKernel kernel) implements Scan, Batch {
        @Override
        public StructType readSchema() {
            return SCHEMA;
        }

        @Override
        public Batch toBatch() {
            return this;
        }

        @Override
        public InputPartition[] planInputPartitions() {
            try (Stream<Path> files = Files.list(Path.of(folder))) {
                return files.map(file -> new FilePartition(file.toString()))
                        .toArray(InputPartition[]::new);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public PartitionReaderFactory createReaderFactory() {
            return new ReaderFactory(kernel);
        }
    }

    private record FilePartition(String file) implements InputPartition {}

    private record ReaderFactory(BenchKernel kernel) implements PartitionReaderFactory {
        @Override
        public boolean supportColumnarReads(InputPartition partition) {
            return true;
        }

        @Override
        public PartitionReader<InternalRow> createReader(InputPartition partition) {
            throw new UnsupportedOperationException("columns only");
        }

        @Override
        public PartitionReader<ColumnarBatch> createColumnarReader(InputPartition partition) {
            try {
                return new Reader(kernel, Path.of(((FilePartition) partition).file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Reader implements PartitionReader<ColumnarBatch> {
        /** As many as stay in a core's first cache. */
        private static final int ROWS = 4096;

        private final BenchKernel kernel;
        private final FileChannel file;
        private final ByteBuffer bytes =
                ByteBuffer.allocateDirect(ROWS * Float.BYTES).order(ByteOrder.nativeOrder());
        private final float[] numbers = new float[ROWS];
        private final OnHeapColumnVector column = new OnHeapColumnVector(ROWS, DataTypes.FloatType);
        private final ColumnarBatch batch = new ColumnarBatch(new ColumnVector[] {column});

        Reader(BenchKernel kernel, Path path) throws IOException {
            this.kernel = kernel;
            file = FileChannel.open(path);
        }

        @Override
        public boolean next() throws IOException {
            bytes.clear();
            while (bytes.hasRemaining() && file.read(bytes) >= 0) {
                // until it is full, or the file ends
            }
            int rows = bytes.flip().limit() / Float.BYTES;
            bytes.asFloatBuffer().get(numbers, 0, rows);
            kernel.inJava(numbers, rows);
            column.reset();
            column.putFloats(0, rows, numbers, 0);
            batch.setNumRows(rows);
            return rows > 0;
        }

        @Override
        public ColumnarBatch get() {
            return batch;
        }

        @Override
        public void close() throws IOException {
            batch.close();
            file.close();
        }
    }
}
