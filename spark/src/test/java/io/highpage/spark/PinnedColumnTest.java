// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;

/** Compared with the column that Spark fills on the heap. */
class PinnedColumnTest {
    private static final int ROWS = 1000;

    private static final Map<String, BiFunction<ColumnVector, Integer, Object>> GETTERS = Map.of(
            "TINYINT", ColumnVector::getByte,
            "SMALLINT", ColumnVector::getShort,
            "INT", ColumnVector::getInt,
            "BIGINT", ColumnVector::getLong,
            "FLOAT", ColumnVector::getFloat,
            "DOUBLE", ColumnVector::getDouble);

    @ParameterizedTest
    @EnumSource
    void everyRowIsAsInAColumnOnTheHeap(ColumnType type) {
        try (Arena arena = Arena.ofConfined();
                OnHeapColumnVector heap = new OnHeapColumnVector(ROWS, type.spark())) {
            MemorySegment memory = filled(arena, type, heap);
            PinnedColumn column = new PinnedColumn(type.spark(), memory);
            for (int row = 0; row < ROWS; row++) {
                assertThat(get(column, type, row)).isEqualTo(get(heap, type, row));
                assertThat(column.isNullAt(row)).isFalse();
            }
            assertThat(column.dataType()).isEqualTo(type.spark());
            assertThat(column.hasNull()).isFalse();
            assertThat(column.numNulls()).isZero();
        }
    }

    @Test
    void manyRowsAtOnceAreAsInAColumnOnTheHeap() {
        try (Arena arena = Arena.ofConfined();
                OnHeapColumnVector heap = new OnHeapColumnVector(ROWS, DataTypes.FloatType)) {
            MemorySegment memory = filled(arena, ColumnType.FLOAT, heap);
            PinnedColumn column = new PinnedColumn(DataTypes.FloatType, memory);
            assertThat(column.getFloats(7, 100)).isEqualTo(heap.getFloats(7, 100));
        }
    }

    @Test
    void rowsOfABatchReadThePinnedMemory() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment xs = arena.allocateFrom(ValueLayout.JAVA_INT, 1, 2, 3);
            MemorySegment ys = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, 0.5, 1.5, 2.5);
            ColumnVector[] columns = {
                new PinnedColumn(DataTypes.IntegerType, xs),
                new PinnedColumn(DataTypes.DoubleType, ys)
            };
            Iterator<InternalRow> rows = new ColumnarBatch(columns, 3).rowIterator();
            xs.setAtIndex(ValueLayout.JAVA_INT, 1, 20); // in place: what is there now is read
            double sum = 0;
            while (rows.hasNext()) {
                InternalRow row = rows.next();
                sum += row.getInt(0) * row.getDouble(1);
            }
            assertThat(sum).isEqualTo(1 * 0.5 + 20 * 1.5 + 3 * 2.5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void rowsThatAreNotThereAreRefused(ColumnType type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(8L * type.byteSize(), 8);
            PinnedColumn column = new PinnedColumn(type.spark(), memory);
            for (int row : new int[] {-1, 8, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                assertThatThrownBy(() -> get(column, type, row))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void otherTypesAreRefused(ColumnType type) {
        try (Arena arena = Arena.ofConfined()) {
            PinnedColumn column = new PinnedColumn(type.spark(), arena.allocate(64, 8));
            GETTERS.forEach((other, getter) -> {
                if (!other.equals(type.spark().sql())) {
                    assertOtherType(column, other, () -> getter.apply(column, 0));
                }
            });
            assertOtherType(column, "BOOLEAN", () -> column.getBoolean(0));
            assertOtherType(column, "ARRAY", () -> column.getArray(0));
            assertOtherType(column, "MAP", () -> column.getMap(0));
            assertOtherType(column, "DECIMAL", () -> column.getDecimal(0, 5, 2));
            assertOtherType(column, "STRING", () -> column.getUTF8String(0));
            assertOtherType(column, "BINARY", () -> column.getBinary(0));
            assertOtherType(column, "STRUCT", () -> column.getChild(0));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClosedColumnIsRefused(ColumnType type) {
        try (Arena arena = Arena.ofConfined()) {
            PinnedColumn column = new PinnedColumn(type.spark(), arena.allocate(64, 8));
            new ColumnarBatch(new ColumnVector[] {column}, 8).close();
            column.close();
            assertThatThrownBy(() -> get(column, type, 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has ended");
        }
    }

    @Test
    void whatCannotBeAColumnIsRefused() {
        try (Arena arena = Arena.ofConfined()) {
            for (DataType type : List.of(DataTypes.StringType, DataTypes.BooleanType)) {
                assertThatThrownBy(() -> new PinnedColumn(type, arena.allocate(8)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(type.sql());
            }
            assertThatThrownBy(() -> new PinnedColumn(DataTypes.LongType, arena.allocate(12)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("12 bytes", "BIGINT", "8");
        }
    }

    private static void assertOtherType(PinnedColumn column, String asked, Runnable read) {
        assertThatThrownBy(read::run)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("this is a column of " + column.dataType().sql()
                        + " and has no values of " + asked);
    }

    private static MemorySegment filled(Arena arena, ColumnType type, OnHeapColumnVector heap) {
        byte[] bytes = new byte[ROWS * type.byteSize()];
        new Random(3).nextBytes(bytes);
        switch (type) {
            case BYTE -> heap.putBytes(0, ROWS, bytes, 0);
            case SHORT -> heap.putShorts(0, ROWS, bytes, 0);
            case INTEGER -> heap.putInts(0, ROWS, bytes, 0);
            case LONG -> heap.putLongs(0, ROWS, bytes, 0);
            case FLOAT -> heap.putFloats(0, ROWS, bytes, 0);
            case DOUBLE -> heap.putDoubles(0, ROWS, bytes, 0);
        }
        return arena.allocate(bytes.length, 8).copyFrom(MemorySegment.ofArray(bytes));
    }

    private static Object get(ColumnVector column, ColumnType type, int row) {
        return GETTERS.get(type.spark().sql()).apply(column, row);
    }
}
