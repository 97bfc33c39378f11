// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.pipe.KernelParameter;
import io.highpage.pipe.PipeShape;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The columns that a kernel makes, as its parameters say: pointers to inputs come first, then
 * pointers to columns, then numbers. Immutable and thread-safe.
 *
 * @param kernel its name
 * @param columns in the parameters' order
 * @param elementBytes bytes of each input, and of each column, for one work-item
 */
record KernelColumns(String kernel, List<Column> columns, long elementBytes)
        implements Serializable {
    /** Below it a piece costs more than what is done with it. */
    private static final long LEAST_PIECE = 256L << 10;

    /**
     * What a parameter says of a column.
     *
     * @param name of the parameter; empty if the driver does not tell
     * @param type that it points to, in OpenCL C; empty if the driver does not tell
     */
    record Column(String name, String type) implements Serializable {
        static Column of(KernelParameter pointer) {
            return new Column(pointer.name(), pointer.type().replaceFirst(" ?\\*$", ""));
        }

        @Override
        public String toString() {
            return type.isEmpty() ? "a column of unknown type" : "'" + type + " *" + name + "'";
        }
    }

    /**
     * {@return the columns of a kernel}
     *
     * @param parameters what it says of its parameters
     * @param options what is to be read
     * @throws IllegalArgumentException if it cannot be called so
     */
    static KernelColumns of(List<KernelParameter> parameters, ScanOptions options) {
        int inputs = options.inputs().size();
        int pointers = parameters.size() - options.kernel().scalars().size();
        if (pointers <= inputs) {
            throw new IllegalArgumentException(called(parameters, options) + " has no parameter"
                    + " left for a column: " + inputs + " for inputs, "
                    + options.kernel().scalars().size() + " for numbers (option 'args')");
        }
        for (int i = 0; i < parameters.size(); i++) {
            if (i < pointers) {
                checkPointer(parameters, i, options);
            } else {
                checkNumber(parameters, i, options.kernel().scalars().get(i - pointers), options);
            }
        }
        return new KernelColumns(
                options.kernel().name(),
                parameters.subList(inputs, pointers).stream().map(Column::of).toList(),
                elementBytes(parameters.subList(0, pointers), options));
    }

    private static void checkPointer(
            List<KernelParameter> parameters, int index, ScanOptions options) {
        if (!parameters.get(index).buffer().orElse(true)) {
            boolean isInput = index < options.inputs().size();
            throw cannotBe(
                    parameters, index, isInput ? "input " + (index + 1) : "a column", options);
        }
    }

    private static void checkNumber(
            List<KernelParameter> parameters, int index, Number number, ScanOptions options) {
        String type = parameters.get(index).type();
        if (!DeviceKernel.fits(number, type)) {
            throw cannotBe(
                    parameters,
                    index,
                    "the number " + number + " of type " + number.getClass().getSimpleName(),
                    options);
        }
    }

    private static IllegalArgumentException cannotBe(
            List<KernelParameter> parameters, int index, String what, ScanOptions options) {
        return new IllegalArgumentException(called(parameters, options) + " is called with inputs,"
                + " then columns, then numbers (option 'args'), and its parameter " + (index + 1)
                + ", " + parameters.get(index) + ", cannot be " + what);
    }

    /**
     * Fewer would mean more work-items than elements, which run beyond their buffers. Pieces of all
     * inputs and columns are equally long, so all elements are.
     */
    private static long elementBytes(List<KernelParameter> pointers, ScanOptions options) {
        KernelParameter largest = pointers.stream()
                .max(Comparator.comparingLong(pointer -> pointer.elementBytes().orElse(1)))
                .orElseThrow();
        long needed = largest.elementBytes().orElse(1);
        if (options.elementBytes() > 0) {
            if (options.elementBytes() < needed) {
                throw new IllegalArgumentException("option 'elementBytes' is "
                        + options.elementBytes() + ", less than the " + needed
                        + " bytes of an element of " + largest);
            }
            return options.elementBytes();
        }
        for (KernelParameter pointer : pointers) {
            if (pointer.elementBytes().orElse(0) != needed) {
                throw new IllegalArgumentException(called(pointers, options) + " needs option"
                        + " 'elementBytes', the bytes of each input and column for one work-item,"
                        + " since an element of " + pointer + " is not as long as one of " + largest
                        + ", or the driver does not tell");
            }
        }
        return needed;
    }

    private static String called(List<KernelParameter> parameters, ScanOptions options) {
        return parameters.stream()
                .map(KernelParameter::toString)
                .collect(Collectors.joining(
                        ", ", "kernel '" + options.kernel().name() + "' (", ")"));
    }

    /**
     * {@return what a task needs of a device}: pieces are halved where there is less room
     *
     * @param inputs how many inputs there are
     * @param pieceBytes of each input and column, whole elements
     * @param deviceBytes that the task's executor has of its device
     */
    PipeShape shape(int inputs, long pieceBytes, long deviceBytes) {
        PipeShape shape = new PipeShape(inputs, columns.size(), pieceBytes, 2, 1);
        long least = Math.max(LEAST_PIECE, elementBytes);
        while (shape.deviceBytes() > deviceBytes && shape.pieceBytes() / 2 >= least) {
            long half = shape.pieceBytes() / 2;
            shape = shape.withPieceBytes(half - half % elementBytes);
        }
        return shape;
    }

    /** {@return the bytes of so many whole elements as are no more than asked for, at least one} */
    long pieceBytes(long most) {
        return Math.max(most - most % elementBytes, elementBytes);
    }

    // ---- schemas ----

    /**
     * {@return the schema that the parameters stand for}
     *
     * @throws IllegalArgumentException if Spark has no such columns, or the driver does not tell
     */
    StructType schema() {
        StructType schema = new StructType();
        for (Column column : columns) {
            if (column.name().isEmpty() || column.type().isEmpty()) {
                throw new IllegalArgumentException("the OpenCL driver does not tell names and types"
                        + " of the parameters of kernel '" + kernel + "': give its "
                        + columns.size() + " columns with schema(...), as schema(\"x FLOAT\")");
            }
            ColumnType type = ColumnType.ofBits(column.type())
                    .filter(bits -> bits.isC(column.type()))
                    .orElseThrow(() -> noType(column));
            schema = schema.add(column.name(), type.spark(), false);
        }
        checkRows(schema);
        return schema;
    }

    private IllegalArgumentException noType(Column column) {
        return new IllegalArgumentException("kernel '" + kernel + "' makes " + column
                + ", and columns are of " + ColumnType.C
                + ColumnType.ofBits(column.type())
                        .map(bits -> "; Spark has no unsigned numbers, and schema(...) with "
                                + bits.spark().sql() + " gives the same bits")
                        .orElse(""));
    }

    /**
     * Checks a schema that a program has given. Its names are taken as they are.
     *
     * @throws IllegalArgumentException if the kernel does not make such columns
     */
    void check(StructType schema) {
        StructField[] fields = schema.fields();
        if (fields.length != columns.size()) {
            throw new IllegalArgumentException("schema (" + schema.toDDL() + ") has "
                    + fields.length + " columns, and kernel '" + kernel + "' makes "
                    + columns.size() + ": " + columns);
        }
        if (Arrays.stream(schema.fieldNames()).distinct().count() < fields.length) {
            throw new IllegalArgumentException(
                    "schema (" + schema.toDDL() + ") has two columns of one name");
        }
        for (int i = 0; i < fields.length; i++) {
            check(fields[i], columns.get(i));
        }
        checkRows(schema);
    }

    private void check(StructField field, Column made) {
        DataType type = field.dataType();
        Optional<ColumnType> asked = ColumnType.ofSpark(type);
        if (asked.isEmpty()
                || !made.type().isEmpty() && !ColumnType.ofBits(made.type()).equals(asked)) {
            throw new IllegalArgumentException("column " + field.name() + " cannot be "
                    + type.sql() + ": kernel '" + kernel + "' makes " + made
                    + ", and columns are of " + ColumnType.SQL);
        }
    }

    /** Pieces of all columns are equally long, so rows of all of them are. */
    private void checkRows(StructType schema) {
        int rowBytes = rowBytes(schema);
        for (StructField field : schema.fields()) {
            int bytes = ColumnType.ofSpark(field.dataType()).orElseThrow().byteSize();
            if (bytes != rowBytes || elementBytes % bytes != 0) {
                throw new IllegalArgumentException("columns (" + schema.toDDL() + ") of kernel '"
                        + kernel + "' are no rows: numbers of all columns are equally long, and"
                        + " the "
                        + elementBytes + " bytes of an element are a multiple of that");
            }
        }
    }

    /** {@return the bytes of a number of each column of a schema that was checked} */
    static int rowBytes(StructType schema) {
        return ColumnType.ofSpark(schema.fields()[0].dataType()).orElseThrow().byteSize();
    }
}
