// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.pipe.KernelParameter;

import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

class KernelColumnsTest {
    private static final KernelParameter NOT_TOLD =
            new KernelParameter("", "", Optional.empty(), false);

    @Test
    void parametersBetweenInputsAndNumbersAreColumns() {
        KernelColumns columns = KernelColumns.of(
                parameters("float* a", "float* b", "float* sum", "int* rank", "float by", "uint n"),
                options(2, 0, 0.5f, 7));
        assertThat(columns.schema().toDDL()).isEqualTo("sum FLOAT NOT NULL,rank INT NOT NULL");
        assertThat(columns.elementBytes()).isEqualTo(4);
        assertThat(KernelColumns.rowBytes(columns.schema())).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({
        "char*, TINYINT, 1",
        "short*, SMALLINT, 2",
        "int*, INT, 4",
        "long*, BIGINT, 8",
        "float*, FLOAT, 4",
        "double*, DOUBLE, 8"
    })
    void eachTypeOfNumbersIsOneOfSpark(String type, String sql, long bytes) {
        KernelColumns columns =
                KernelColumns.of(parameters(type + " x", type + " y"), options(1, 0));
        assertThat(columns.schema().toDDL()).isEqualTo("y " + sql + " NOT NULL");
        assertThat(columns.elementBytes()).isEqualTo(bytes);
    }

    @Test
    void aProgramsSchemaNamesColumnsAndMayReadUnsignedNumbersAsSigned() {
        KernelColumns columns = KernelColumns.of(
                parameters("uint* x", "unsigned int* y", "float* z"), options(1, 0));
        columns.check(StructType.fromDDL("bits INT, share FLOAT"));
        assertThatThrownBy(columns::schema)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("kernel 'k' makes 'unsigned int *y'", "schema(...) with INT");
    }

    @Test
    void aDriverThatDoesNotTellNeedsASchemaAndTheBytesOfAnElement() {
        List<KernelParameter> parameters = List.of(NOT_TOLD, NOT_TOLD, NOT_TOLD);
        KernelColumns columns = KernelColumns.of(parameters, options(1, 8, 3L));
        columns.check(StructType.fromDDL("y DOUBLE"));
        assertThatThrownBy(columns::schema)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not tell", "schema(...)");
        assertThatThrownBy(() -> KernelColumns.of(parameters, options(1, 0, 3L)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs option 'elementBytes'");
    }

    @Test
    void elementsMayHaveSeveralNumbers() {
        KernelColumns columns =
                KernelColumns.of(parameters("float4* x", "float* y"), options(1, 16));
        assertThat(columns.elementBytes()).isEqualTo(16);
        assertThat(columns.schema().toDDL()).isEqualTo("y FLOAT NOT NULL");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "float* x| has no parameter left for a column: 1 for inputs, 0 for numbers",
                "float* x; float y| parameter 2, 'float y', cannot be a column",
                "float x; float* y| parameter 1, 'float x', cannot be input 1",
                "float* x; double* y| needs option 'elementBytes'",
                "float* x; float4* y| needs option 'elementBytes'",
            })
    void kernelsThatCannotBeCalledAreRefused(String parameters, String message) {
        assertThatThrownBy(
                        () -> KernelColumns.of(parameters(parameters.split("; ")), options(1, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("kernel 'k' (")
                .hasMessageContaining(message);
    }

    @Test
    void numbersOfOtherTypesAreRefused() {
        List<KernelParameter> parameters = parameters("float* x", "float* y", "float by");
        assertThatThrownBy(() -> KernelColumns.of(parameters, options(1, 0, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "parameter 3, 'float by', cannot be the number 3 of type Integer");
        assertThatThrownBy(() -> KernelColumns.of(parameters, options(1, 0, 0.5f, 0.5f)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no parameter left for a column");
    }

    @Test
    void lessThanAnElementIsRefused() {
        assertThatThrownBy(
                        () -> KernelColumns.of(parameters("double* x", "double* y"), options(1, 4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "'elementBytes' is 4, less than the 8 bytes of an element of 'double* x'");
    }

    @Test
    void columnsThatSparkHasNotAreRefused() {
        KernelColumns columns =
                KernelColumns.of(parameters("float4* x", "float4* y"), options(1, 0));
        assertThatThrownBy(columns::schema)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("kernel 'k' makes 'float4 *y', and columns are of char, short, int,"
                        + " long, float, double");
    }

    @Test
    void columnsThatAreNoRowsAreRefused() {
        KernelColumns columns =
                KernelColumns.of(parameters("double* x", "double* y", "float* z"), options(1, 8));
        assertThatThrownBy(columns::schema)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("are no rows");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a INT| column a cannot be INT: kernel 'k' makes 'float *y', and columns are of",
                "a STRING| column a cannot be STRING",
                "a FLOAT, b FLOAT| has 2 columns, and kernel 'k' makes 1: ['float *y']",
            })
    void aSchemaOfOtherColumnsIsRefused(String schema, String message) {
        KernelColumns columns = KernelColumns.of(parameters("float* x", "float* y"), options(1, 0));
        assertThatThrownBy(() -> columns.check(StructType.fromDDL(schema)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void columnsOfOneNameAreRefused() {
        KernelColumns columns =
                KernelColumns.of(parameters("float* x", "float* y", "float* z"), options(1, 0));
        assertThatThrownBy(() -> columns.check(StructType.fromDDL("a FLOAT, a FLOAT")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two columns of one name");
    }

    private static List<KernelParameter> parameters(String... parameters) {
        return Arrays.stream(parameters)
                .map(text -> {
                    int name = text.lastIndexOf(' ') + 1;
                    String type = text.substring(0, name).strip();
                    return new KernelParameter(
                            text.substring(name), type, Optional.of(type.endsWith("*")), false);
                })
                .toList();
    }

    private static ScanOptions options(int inputs, long elementBytes, Number... numbers) {
        return new ScanOptions(
                Stream.generate(() -> List.of("/data")).limit(inputs).toList(),
                "a test",
                DeviceKernel.of("kernel void k() {}", "k", numbers),
                elementBytes,
                1,
                1);
    }
}
