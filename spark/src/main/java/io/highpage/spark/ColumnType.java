// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** A type that columns can have: what OpenCL C and Spark call it, and the bytes of a row. */
enum ColumnType {
    BYTE("char", DataTypes.ByteType, Byte.BYTES),
    SHORT("short", DataTypes.ShortType, Short.BYTES),
    INTEGER("int", DataTypes.IntegerType, Integer.BYTES),
    LONG("long", DataTypes.LongType, Long.BYTES),
    FLOAT("float", DataTypes.FloatType, Float.BYTES),
    DOUBLE("double", DataTypes.DoubleType, Double.BYTES);

    /** What Spark calls them, for messages. */
    static final String SQL =
            Arrays.stream(values()).map(type -> type.spark.sql()).collect(Collectors.joining(", "));

    /** What OpenCL C calls them, for messages. */
    static final String C =
            Arrays.stream(values()).map(type -> type.c).collect(Collectors.joining(", "));

    private final String c;
    private final DataType spark;
    private final int byteSize;

    ColumnType(String c, DataType spark, int byteSize) {
        this.c = c;
        this.spark = spark;
        this.byteSize = byteSize;
    }

    /** {@return the one that Spark calls so; empty if columns cannot be of it} */
    static Optional<ColumnType> ofSpark(DataType type) {
        return Arrays.stream(values()).filter(each -> each.spark.equals(type)).findFirst();
    }

    /**
     * {@return the one of the same bits}
     *
     * @param type of OpenCL C, signed or not; empty if columns cannot be of it
     */
    static Optional<ColumnType> ofBits(String type) {
        String signed = type.replaceFirst("^(?:unsigned |u)", "");
        return Arrays.stream(values()).filter(each -> each.c.equals(signed)).findFirst();
    }

    /** {@return whether OpenCL C calls it so} */
    boolean isC(String type) {
        return c.equals(type);
    }

    DataType spark() {
        return spark;
    }

    int byteSize() {
        return byteSize;
    }
}
