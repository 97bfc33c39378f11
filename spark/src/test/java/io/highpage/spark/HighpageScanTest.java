// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.pipe.PipeShape;

import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Instant;
import java.util.List;

/** How a scan is planned, of files that nobody has to write. */
class HighpageScanTest {
    private static final StructType COLUMNS = StructType.fromDDL("a FLOAT, b FLOAT");

    @ParameterizedTest
    @CsvSource({
        "4194304, 4, 4194304",
        "4194303, 4, 4194300",
        "1, 16, 16",
        "100, 12, 96",
        "1099511627776, 4, 8589934588", // so many rows as a batch can count
    })
    void piecesAreWholeElementsThatABatchCanCount(long chunk, long element, long piece) {
        ScanReaderFactory factory = scan(COLUMNS, chunk, element).readers();
        assertThat(factory.pieceBytes()).isEqualTo(piece);
        assertThat(piece / 4).isLessThanOrEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void tasksAreRangesOfWholePieces() {
        assertThat(scan(COLUMNS, 4 << 20, 4).planInputPartitions())
                .hasSize(24) // of 3 GiB, 128 MiB each
                .allSatisfy(
                        range -> assertThat(((ScanRange) range).byteSize()).isEqualTo(128L << 20));
    }

    @Test
    void onlyColumnsThatAreNeededAreRead() {
        HighpageScan scan = scan(StructType.fromDDL("b FLOAT"), 4 << 20, 4);
        assertThat(scan.readers().needed()).containsExactly(1);
        assertThat(scan.readers().all()).isEqualTo(COLUMNS);
        assertThat(scan.estimateStatistics().sizeInBytes()).hasValue(3L << 30);
        assertThat(scan.estimateStatistics().numRows()).hasValue(3L << 28);
        assertThat(scan).isEqualTo(scan(StructType.fromDDL("b FLOAT"), 4 << 20, 4));
    }

    @Test
    void piecesBecomeSmallerWhereThereIsLessRoom() {
        ScanReaderFactory factory = scan(COLUMNS, 4 << 20, 4).readers();
        PipeShape whole = factory.shape(Long.MAX_VALUE);
        assertThat(whole).isEqualTo(new PipeShape(1, 2, 4 << 20, 2, 1));
        assertThat(factory.shape(whole.deviceBytes())).isEqualTo(whole);
        assertThat(factory.shape(whole.deviceBytes() - 1)).isEqualTo(whole.withPieceBytes(2 << 20));
        assertThat(factory.shape(1)).isEqualTo(whole.withPieceBytes(256 << 10));
    }

    private static HighpageScan scan(StructType needed, long chunk, long elementBytes) {
        ScanOptions options = new ScanOptions(
                List.of(List.of("/data")),
                "a test",
                DeviceKernel.of("kernel void k() {}", "k"),
                0,
                chunk,
                128 << 20);
        KernelColumns made = new KernelColumns(
                "k",
                List.of(
                        new KernelColumns.Column("a", "float"),
                        new KernelColumns.Column("b", "float")),
                elementBytes);
        ScanFiles.Group file = new ScanFiles.Group(
                List.of("/data"), List.of(new InputVersion(3L << 30, Instant.EPOCH)));
        return new HighpageScan(
                new HighpageTable(options, made, COLUMNS, new ScanFiles(List.of(file))), needed);
    }
}
