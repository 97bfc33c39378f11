// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.cli.console.DivisionByZero;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

class RunCommandTest {
    private static final int COUNT = 100_003;

    @TempDir
    private Path folder;

    private Path kernel;
    private Path a;
    private Path b;
    private Path out;

    @BeforeEach
    void files() throws IOException {
        kernel = Files.writeString(folder.resolve("kernel.cl"), """
                kernel void scale(global const float *in, global float *out, float by) {
                    size_t i = get_global_id(0);
                    out[i] = in[i] * by;
                }
                kernel void subtract(
                        global const uchar *a, global uchar *difference, global const uchar *b) {
                    size_t i = get_global_id(0);
                    difference[i] = a[i] - b[i];
                }
                kernel void sometimes(global const uchar *in, global uchar *out) {
                    size_t i = get_global_id(0);
                    if (in[i] == 7) {
                        out[i] = 1;
                    }
                }
                """);
        a = Files.write(folder.resolve("a"), floats(1));
        b = Files.write(folder.resolve("b"), floats(3));
        out = folder.resolve("out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"opencl", "opencl-private", "opencl-buffer"})
    void aKernelRunsOverAFile(String device) {
        Cli.assumeOpenCl();
        Cli result = run("scale", "--arg", "float:2.5", "--element-bytes", "4", "--device", device)
                .succeeds();
        assertThat(result.out())
                .contains(
                        "ran scale on " + device,
                        "100,003 work-items of 4 bytes in 1 piece",
                        "wrote " + out);
        assertThat(out).hasBinaryContent(floats(2.5f));
    }

    @ParameterizedTest
    @ValueSource(strings = {"opencl", "opencl-private", "opencl-buffer"})
    void withoutElementBytesThereIsAWorkItemForEachElementOfTheKernelsTypes(String device) {
        Cli.assumeOpenCl();
        run("scale", "--arg=float:2.5", "--device", device).succeeds();
        assertThat(out).hasBinaryContent(floats(2.5f));
    }

    @ParameterizedTest
    @CsvSource({
        "char, 1",
        "uchar, 1",
        "unsigned char, 1",
        "short, 2",
        "uint, 4",
        "unsigned int, 4",
        "long, 8",
        "ulong, 8",
        "float, 4",
        "double, 8",
        "uchar3, 4",
        "ushort8, 16",
        "float4, 16",
        "double16, 128"
    })
    void theLargestTypeOfTheFilesIsTheElement(String type, long bytes) throws IOException {
        Cli.assumeOpenCl();
        Files.write(a, new byte[1024]);
        Files.writeString(
                kernel,
                "kernel void k(global const uchar *in, global " + type + " *out) {"
                        + " out[get_global_id(0)] = 0; }");
        Cli result = run("k", "--json").succeeds();
        assertThat(result.json().get("elementBytes").asLong()).isEqualTo(bytes);
        assertThat(result.json().get("workItems").asLong()).isEqualTo(1024 / bytes);
    }

    @Test
    void anElementSmallerThanTheKernelsTypesIsRefused() throws IOException {
        Cli.assumeOpenCl();
        run("scale", "--arg=float:2.5", "--element-bytes=2")
                .fails(
                        1,
                        "--element-bytes 2",
                        "4 bytes",
                        "'float* in'",
                        "beyond the end of its buffers");
        Files.write(a, new byte[1022]);
        run("scale", "--arg=float:2.5")
                .fails(1, "--in " + a + " has 1022 bytes", "--element-bytes 4");
        Files.writeString(out, "precious");
        Cli.run(
                        "run",
                        kernel,
                        "--kernel=scale",
                        "--in",
                        b,
                        "--out",
                        out,
                        "--arg=float:2.5",
                        "--chunk=1022")
                .fails(2, "--chunk 1022", "--element-bytes 4");
        assertThat(out).hasContent("precious");
    }

    @Test
    void aTypeOfUnknownSizeAsksForElementBytes() throws IOException {
        Cli.assumeOpenCl();
        Files.write(a, new byte[1200]);
        Files.writeString(kernel, """
                typedef struct { float x, y, z; } point;
                kernel void points(global const point *in, global point *out) {
                    size_t i = get_global_id(0);
                    out[i] = in[i];
                }
                """);
        run("points")
                .fails(
                        1,
                        "size of an element of kernel 'points' is not known",
                        "'point* in'",
                        "--element-bytes N");
        Cli result = run("points", "--element-bytes=12").succeeds();
        assertThat(result.out()).contains("100 work-items of 12 bytes");
    }

    @ParameterizedTest
    @EnumSource
    void filesAreReadAndWrittenInBothWays(Io io) throws Exception {
        Cli.assumeOpenCl();
        io.run(() -> assertThat(run(
                                "scale",
                                "--arg=float:2.5",
                                "--element-bytes=4",
                                "--chunk=40000",
                                "--device=opencl")
                        .succeeds()
                        .lastLine())
                .startsWith("files by " + io.description()));
        assertThat(out).hasBinaryContent(floats(2.5f));
    }

    @ParameterizedTest
    @CsvSource({
        "opencl, 4",
        "opencl, 40000",
        "opencl-private, 64K",
        "opencl-buffer, 64K",
        "opencl, 1G"
    })
    void anElementWiseKernelRunsInPieces(String device, String chunk) throws IOException {
        Cli.assumeOpenCl();
        if (chunk.equals("4")) {
            Files.write(a, Arrays.copyOf(floats(1), 400));
        }
        run(
                        "scale",
                        "--arg",
                        "float:-1",
                        "--element-bytes",
                        "4",
                        "--device",
                        device,
                        "--chunk",
                        chunk,
                        "--device-memory",
                        "128M")
                .succeeds();
        assertThat(out).hasBinaryContent(Arrays.copyOf(floats(-1), (int) Files.size(a)));
    }

    @Test
    void buffersAreGivenInTheOrderOfTheOptions() throws IOException {
        Cli.assumeOpenCl();
        Cli.run("run", kernel, "--kernel", "subtract", "--in", b, "--out", out, "--in=" + a)
                .succeeds();
        byte[] left = Files.readAllBytes(b);
        byte[] right = Files.readAllBytes(a);
        byte[] result = Files.readAllBytes(out);
        for (int i = 0; i < result.length; i++) {
            assertThat(result[i]).isEqualTo((byte) (left[i] - right[i]));
        }
    }

    @Test
    void outputsStartAsZerosHoweverTheFileIsCut() throws IOException {
        Cli.assumeOpenCl();
        byte[] data = new byte[20_000];
        data[0] = 7;
        Files.write(a, data);
        byte[] expected = new byte[data.length];
        expected[0] = 1;
        run("sometimes", "--chunk", "1K").succeeds();
        assertThat(out).hasBinaryContent(expected);
    }

    @Test
    void jsonHasTheNumbers() {
        Cli.assumeOpenCl();
        Cli result = run("sometimes", "--json").succeeds();
        assertThat(result.json().get("workItems").asLong()).isEqualTo(4L * COUNT);
        assertThat(result.json().get("pieces").asLong()).isEqualTo(1);
    }

    @Test
    void aFileThatDoesNotFitNamesTheLimitAndTheOption() {
        Cli.assumeOpenCl();
        run("sometimes", "--device-memory", "512K")
                .fails(
                        1,
                        "--in " + a,
                        "390.6 KiB",
                        "2 buffers of 392 KiB need 784 KiB",
                        "--device-memory is 512 KiB",
                        "--elementwise",
                        "--chunk SIZE");
        run("sometimes", "--device-memory", "512K", "--elementwise")
                .fails(
                        1,
                        "nor does a span of it, which has at least 2 MiB",
                        "need 784 KiB",
                        "--device-memory is 512 KiB",
                        "--chunk SIZE");
        run("sometimes", "--device-memory", "512K", "--chunk", "300K")
                .fails(1, "--chunk 300 KiB", "--device-memory is 512 KiB", "smaller --chunk");
        assertThat(out).doesNotExist();
        run("sometimes", "--device-memory", "512K", "--chunk", "100K").succeeds();
    }

    @Test
    void aKernelFileThatIsMissingEmptyOrNoTextIsToldByName() throws IOException {
        Cli.assumeOpenCl();
        Cli.run("run", folder.resolve("no.cl"), "--kernel", "k", "--in", a, "--out", out)
                .fails(1, "no.cl", "no such file");
        Path empty = Files.writeString(folder.resolve("empty.cl"), " \n");
        Cli.run("run", empty, "--kernel", "k", "--in", a, "--out", out)
                .fails(1, "empty.cl", "is empty");
        Path binary =
                Files.write(folder.resolve("binary.cl"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        Cli.run("run", binary, "--kernel", "k", "--in", a, "--out", out)
                .fails(1, "binary.cl", "not text in UTF-8");
    }

    @Test
    void aKernelThatDoesNotCompileShowsTheCompilersWords() throws IOException {
        Cli.assumeOpenCl();
        Files.writeString(kernel, "kernel void broken(global int *out) { out[0] = undeclared; }");
        run("broken").fails(1, "kernel.cl does not compile", "undeclared");
        assertThat(out).doesNotExist();
    }

    @Test
    void aKernelThatIsNotThereListsThoseThatAre() {
        Cli.assumeOpenCl();
        run("scael").fails(1, "no kernel 'scael'", "scale", "subtract", "sometimes");
    }

    @Test
    void aWrongNumberOfArgumentsIsToldWithBothLists() {
        Cli.assumeOpenCl();
        run("scale")
                .fails(
                        1,
                        "takes 3 arguments",
                        "float by",
                        "but 2 were given",
                        "--in " + a,
                        "--out " + out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"int:2", "double:2", "uint:2"})
    void anArgumentOfTheWrongTypeIsToldWithTheParameter(String scalar) {
        Cli.assumeOpenCl();
        run("scale", "--arg", scalar)
                .fails(1, "argument 3 of kernel 'scale' is 'float by'", "--arg " + scalar);
    }

    @Test
    void aFileWhereANumberBelongsIsToldWithTheParameter() {
        Cli.assumeOpenCl();
        Cli.run("run", kernel, "--kernel", "scale", "--in", a, b, "--out", out)
                .fails(1, "argument 3 of kernel 'scale' is 'float by'", "--out " + out);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "float",
                "float:",
                "float:x",
                "bool:1",
                "uchar:256",
                "uchar:-1",
                "char:128",
                "int:2147483648",
                "ulong:18446744073709551616",
                "int:0xg",
                "int:--5",
                "int:+5",
                "int:0x-5",
                "int:-0x",
                "int:\u0664",
                "int: 5",
                "long:",
                "float:1f",
                "float:0x1p3",
                "float: 1",
                "float:--1",
                "float:\u0664",
                "float:1e39",
                "double:1e999",
                "double:1d",
                ":1"
            })
    void aBadNumberIsAUsageErrorThatNamesIt(String scalar) {
        run("scale", "--arg", scalar).fails(2, "--arg");
    }

    @Test
    void inputsOfDifferentLengthsAreToldWithTheirLengths() throws IOException {
        Files.write(b, new byte[10]);
        Cli.run("run", kernel, "--kernel", "subtract", "--in", a, b, "--out", out)
                .fails(1, "--in " + a + " has 400012 bytes", "--in " + b + " has 10");
    }

    @Test
    void badInputsAreToldByName() throws IOException {
        Cli.run("run", kernel, "--kernel", "k", "--in", folder.resolve("none"), "--out", out)
                .fails(1, "--in " + folder.resolve("none"), "no such file");
        Cli.run("run", kernel, "--kernel", "k", "--in", folder, "--out", out)
                .fails(1, "not a regular file");
        Files.write(a, new byte[0]);
        run("k").fails(1, "--in " + a + " is empty");
    }

    @Test
    void aLengthThatIsNoMultipleOfTheElementIsToldByValue() {
        run("k", "--element-bytes", "8").fails(1, "400012 bytes", "--element-bytes 8");
    }

    @Test
    void aChunkThatIsNoMultipleOfTheElementIsAUsageError() {
        run("k", "--element-bytes", "4", "--chunk", "1022")
                .fails(2, "--chunk 1022", "--element-bytes 4");
        run("k", "--element-bytes", "0").fails(2, "--element-bytes");
        run("k", "--chunk", "-4K").fails(2, "--chunk");
    }

    @Test
    void missingOptionsAreUsageErrors() {
        Cli.run("run").fails(2, "KERNEL.cl");
        Cli.run("run", kernel, "--in", a, "--out", out).fails(2, "--kernel");
        Cli.run("run", kernel, "--kernel", "k", "--out", out).fails(2, "--in");
        Cli.run("run", kernel, "--kernel", "k", "--in", a).fails(2, "--out");
        Cli.run("run", kernel, "--kernel", "k", "--in", "--out", out)
                .fails(2, "--in needs at least one FILE");
    }

    @Test
    void anInputCannotBeAnOutput() throws IOException {
        byte[] before = Files.readAllBytes(a);
        Cli.run("run", kernel, "--kernel", "k", "--in", a, "--out", a)
                .fails(2, "are the same file");
        run("k", out).fails(2, "are the same file");
        Path link = Files.createSymbolicLink(folder.resolve("link"), a);
        Path hard = Files.createLink(folder.resolve("hard"), a);
        for (Path same : List.of(link, hard)) {
            Cli.run("run", kernel, "--kernel", "k", "--in", a, "--out", same)
                    .fails(2, "are the same file");
        }
        Cli.run("run", kernel, "--kernel", "k", "--in", a, "--out", kernel)
                .fails(2, "is KERNEL.cl " + kernel + " itself");
    }

    @Test
    void twoOutputsCannotBeOneFileByWayOfALinkToItsFolder() throws IOException {
        byte[] before = Files.readAllBytes(a);
        Path link = Files.createSymbolicLink(folder.resolve("same"), folder);
        run("k", link.resolve("out")).fails(2, "are the same file");
        assertThat(out).doesNotExist();
        assertThat(a).hasBinaryContent(before);
    }

    @Test
    void aFullDiskKeepsTheOtherOutputsAsTheyWere() throws IOException {
        Cli.assumeOpenCl();
        Files.writeString(out, "precious");
        Files.writeString(
                kernel,
                "kernel void two(global const uchar *a, global uchar *b, global uchar *c) {}");
        run("two", "/dev/full").fails(1, "cannot write /dev/full", "No space left on device");
        assertThat(out).hasContent("precious");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(kernel, a, b, out);
        }
    }

    @Test
    void anOutputThatCannotBeWrittenIsToldByName() {
        Cli.assumeOpenCl();
        Cli.run("run", kernel, "--kernel", "sometimes", "--in", a, "--out", folder)
                .fails(1, "cannot write", "is a folder");
        Cli.run(
                        "run",
                        kernel,
                        "--kernel",
                        "sometimes",
                        "--in",
                        a,
                        "--out",
                        folder.resolve("no/out"))
                .fails(1, "cannot write", "no such file or folder");
    }

    @Test
    void aHostDeviceRunsNoOpenCl() {
        run("sometimes", "--device", "host").fails(2, "--device host is no OpenCL device");
    }

    @Test
    void javaStillDividesByZeroAsItShouldAfterAKernel() {
        Cli.assumeOpenCl();
        aKernelRunsOverAFile("opencl");
        assertThat(DivisionByZero.throwsAsItShould()).isTrue();
    }

    /** Runs a kernel of the source over {@code a}. */
    private Cli run(String name, Object... more) {
        Object[] fixed = {"run", kernel, "--kernel", name, "--in", a, "--out", out};
        return Cli.run(Stream.concat(Arrays.stream(fixed), Arrays.stream(more)).toArray());
    }

    private static byte[] floats(float by) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * COUNT).order(ByteOrder.nativeOrder());
        for (int i = 0; i < COUNT; i++) {
            bytes.putFloat(i * 0.25f * by);
        }
        return bytes.array();
    }
}
