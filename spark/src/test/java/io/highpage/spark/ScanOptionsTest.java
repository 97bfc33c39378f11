// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class ScanOptionsTest {
    private static final String SOURCE = "kernel void k(global const float *x, global float *y) {}";

    @TempDir
    private Path folder;

    @Test
    void whatIsNotSaidHasADefault() {
        ScanOptions options = of();
        assertThat(options.inputs()).containsExactly(List.of("/data/x"));
        assertThat(options.kernel()).isEqualTo(DeviceKernel.of(SOURCE, "k"));
        assertThat(options.elementBytes()).isZero();
        assertThat(options.chunkBytes()).isEqualTo(4 << 20);
        assertThat(options.partitionBytes()).isEqualTo(128 << 20);
    }

    @Test
    void everythingIsTakenAsSaid() {
        ScanOptions options = of(
                "ARGS",
                "float:0.5, int:-3,uint:4294967295 , ulong:18446744073709551615,char:-128",
                "buildOptions",
                " -DN=4 ",
                "elementBytes",
                "16",
                "chunk",
                "64k",
                "partitionBytes",
                "3g");
        assertThat(options.kernel().scalars()).isEqualTo(List.of(0.5f, -3, -1, -1L, (byte) -128));
        assertThat(options.kernel().buildOptions()).isEqualTo("-DN=4");
        assertThat(options.elementBytes()).isEqualTo(16);
        assertThat(options.chunkBytes()).isEqualTo(64 << 10);
        assertThat(options.partitionBytes()).isEqualTo(3L << 30);
    }

    @Test
    void theSourceMayBeAFileOfTheDriver() throws IOException {
        Path file = Files.writeString(folder.resolve("k.cl"), SOURCE);
        ScanOptions options = of("source", null, "sourceFile", file.toString());
        assertThat(options.kernel().source()).isEqualTo(SOURCE);
        assertThat(options.origin()).isEqualTo(file.toString());
    }

    @Test
    void severalPathsAreOneInputAndNumbersAreSeveral() {
        assertThat(of("path", null, "paths", "[\"/a\",\"/b\"]").inputs())
                .containsExactly(List.of("/a", "/b"));
        assertThat(of("path", null, "input.2", "/b", "Input.1", "/a").inputs())
                .containsExactly(List.of("/a"), List.of("/b"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "path|| no input is given",
                "input.1| /a| inputs are given in two ways",
                "source|| option 'sourceFile', a file of OpenCL C that the driver reads, or"
                        + " 'source', which is OpenCL C; none is given",
                "sourceFile| /k.cl| both is given",
                "kernel|| option 'kernel' is missing",
                "kernel| not a name| 'not a name' is no name of a kernel",
                "source| ' '| source is empty",
                "argz| float:1| there is no option 'argz'; there are input.1, input.2 and so on,",
                "args| 0.5| '0.5' is not TYPE:NUMBER",
                "args| half:0.5| 'half:0.5' is not TYPE:NUMBER",
                "args| 'float:1,,int:2'| '' is not TYPE:NUMBER",
                "args| int:2147483648| 'int:2147483648' is not TYPE:NUMBER",
                "args| uint:-1| 'uint:-1' is not TYPE:NUMBER",
                "chunk| 0| option 'chunk' is '0': give a number of bytes from 1, such as 4m",
                "chunk| -4m| option 'chunk' is '-4m'",
                "chunk| much| option 'chunk' is 'much'",
                "partitionBytes| 1.5g| option 'partitionBytes' is '1.5g'",
                "elementBytes| four| option 'elementBytes' is 'four'",
            })
    void whatMakesNoSenseIsRefused(String name, String value, String message) {
        assertThatThrownBy(() -> of(name, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void inputsWithAGapAreRefused() {
        assertThatThrownBy(() -> of("path", null, "input.1", "/a", "input.3", "/c"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("inputs are numbered from 1 without a gap, and option 'input.2' is"
                        + " missing beside [input.1, input.3]");
    }

    @Test
    void aSourceThatCannotBeReadIsRefused() {
        String missing = folder.resolve("missing.cl").toString();
        assertThatThrownBy(() -> of("source", null, "sourceFile", missing))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the driver cannot read option 'sourceFile' " + missing);
    }

    /** The least that is needed, with changes: null takes an option away. */
    private static ScanOptions of(String... changes) {
        Map<String, String> given =
                new HashMap<>(Map.of("path", "/data/x", "source", SOURCE, "kernel", "k"));
        for (int i = 0; i < changes.length; i += 2) {
            if (changes[i + 1] == null) {
                given.remove(changes[i]);
            } else {
                given.put(changes[i], changes[i + 1]);
            }
        }
        return ScanOptions.of(new CaseInsensitiveStringMap(given));
    }
}
