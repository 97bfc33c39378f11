// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.apache.spark.sql.types.DataTypes.ByteType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.ShortType;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A column of numbers that Spark reads where they are: in pinned memory, into which a device's
 * results have been copied. Nothing in it is null.
 *
 * <p>It is valid until the batch that it belongs to ends, which is when the next one is asked for.
 * Reading it later is an {@link IllegalStateException}, reading rows that it does not have an
 * {@link IndexOutOfBoundsException}, and reading another type than its own an
 * {@link UnsupportedOperationException}. Used by one thread at a time.
 */
public final class PinnedColumn extends ColumnVector {
    private @Nullable MemorySegment values;

    /**
     * Makes a column over memory, which has to stay as it is until the column is closed.
     *
     * @param type byte, short, integer, long, float or double
     * @param values its rows, one after the other, in the machine's order of bytes
     * @throws IllegalArgumentException if columns cannot be of the type, or the memory ends within
     *     a row
     */
    public PinnedColumn(DataType type, MemorySegment values) {
        super(type);
        this.values = Objects.requireNonNull(values, "values");
        int rowBytes = ColumnType.ofSpark(type)
                .orElseThrow(() -> new IllegalArgumentException("a column in pinned memory cannot"
                        + " be of type " + type.sql() + ": it is of " + ColumnType.SQL))
                .byteSize();
        if (values.byteSize() % rowBytes != 0) {
            throw new IllegalArgumentException(values.byteSize() + " bytes are no whole number of"
                    + " rows of type " + type.sql() + ", which have " + rowBytes);
        }
    }

    /** Ends the column; the memory stays. */
    @Override
    public void close() {
        values = null;
    }

    /** {@return {@code false}} */
    @Override
    public boolean hasNull() {
        return false;
    }

    /** {@return 0} */
    @Override
    public int numNulls() {
        return 0;
    }

    /** {@return {@code false}} */
    @Override
    public boolean isNullAt(int row) {
        return false;
    }

    @Override
    public byte getByte(int row) {
        return of(ByteType).get(ValueLayout.JAVA_BYTE, row);
    }

    @Override
    public short getShort(int row) {
        return of(ShortType).get(ValueLayout.JAVA_SHORT, (long) row * Short.BYTES);
    }

    @Override
    public int getInt(int row) {
        return of(IntegerType).get(ValueLayout.JAVA_INT, (long) row * Integer.BYTES);
    }

    @Override
    public long getLong(int row) {
        return of(LongType).get(ValueLayout.JAVA_LONG, (long) row * Long.BYTES);
    }

    @Override
    public float getFloat(int row) {
        return of(FloatType).get(ValueLayout.JAVA_FLOAT, (long) row * Float.BYTES);
    }

    @Override
    public double getDouble(int row) {
        return of(DoubleType).get(ValueLayout.JAVA_DOUBLE, (long) row * Double.BYTES);
    }

    // ---- what this is no column of ----

    @Override
    public boolean getBoolean(int row) {
        throw otherType("BOOLEAN");
    }

    @Override
    public ColumnarArray getArray(int row) {
        throw otherType("ARRAY");
    }

    @Override
    public ColumnarMap getMap(int row) {
        throw otherType("MAP");
    }

    @Override
    public Decimal getDecimal(int row, int precision, int scale) {
        throw otherType("DECIMAL");
    }

    @Override
    public UTF8String getUTF8String(int row) {
        throw otherType("STRING");
    }

    @Override
    public byte[] getBinary(int row) {
        throw otherType("BINARY");
    }

    @Override
    public ColumnVector getChild(int ordinal) {
        throw otherType("STRUCT");
    }

    // Small, so that it vanishes in loops over rows.
    private MemorySegment of(DataType asked) {
        MemorySegment mine = values;
        if (mine == null) {
            throw ended();
        }
        if (type != asked) {
            throw otherType(asked.sql());
        }
        return mine;
    }

    private static IllegalStateException ended() {
        return new IllegalStateException("the batch of this column has ended: it is valid until"
                + " the next batch is asked for; copy what is needed for longer");
    }

    private UnsupportedOperationException otherType(String asked) {
        return new UnsupportedOperationException(
                "this is a column of " + type.sql() + " and has no values of " + asked);
    }
}
