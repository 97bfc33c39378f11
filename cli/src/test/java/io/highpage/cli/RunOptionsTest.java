// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Kernels that need more than one work-item for each element of files of one length. */
class RunOptionsTest {
    private static final int COUNT = 4096;

    @TempDir
    private Path folder;

    private Path kernel;
    private Path in;
    private Path out;

    @BeforeEach
    void files() throws IOException {
        Cli.assumeOpenCl();
        kernel = folder.resolve("kernel.cl");
        byte[] data = new byte[COUNT];
        for (int i = 0; i < COUNT; i++) {
            data[i] = (byte) (i % 7);
        }
        in = Files.write(folder.resolve("in"), data);
        out = folder.resolve("out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"opencl", "opencl-private", "opencl-buffer"})
    void outputsHaveLengthsOfTheirOwn(String device) throws IOException {
        Cli.assumeDevice(device);
        Files.writeString(kernel, """
                kernel void histogram(
                        global const uchar *in, global uchar *copy, global uint *counts) {
                    size_t i = get_global_id(0);
                    copy[i] = in[i];
                    atomic_inc(&counts[in[i]]);
                }
                """);
        Path counts = folder.resolve("counts");
        Cli result = Cli.run(
                        "run",
                        kernel,
                        "--kernel=histogram",
                        "--in",
                        in,
                        "--out",
                        out,
                        "--out",
                        counts + ":7",
                        "--device",
                        device)
                .succeeds();
        assertThat(result.out())
                .contains("wrote " + out + ", 4,096 bytes", "wrote " + counts + ", 28 bytes");
        assertThat(out).hasSameBinaryContentAs(in);
        ByteBuffer numbers =
                ByteBuffer.wrap(Files.readAllBytes(counts)).order(ByteOrder.nativeOrder());
        for (int i = 0; i < 7; i++) {
            assertThat(numbers.getInt(4 * i)).isEqualTo(COUNT / 7 + (i < COUNT % 7 ? 1 : 0));
        }
    }

    @Test
    void aNameThatEndsLikeACountGetsAColon() throws IOException {
        Files.writeString(
                kernel,
                "kernel void k(global const uchar *in, global uchar *out) {"
                        + " size_t i = get_global_id(0); out[i] = in[i]; }");
        Cli.run("run", kernel, "--kernel=k", "--in", in, "--out", out + ":7:").succeeds();
        assertThat(folder.resolve("out:7")).hasSameBinaryContentAs(in);
        Cli.run("run", kernel, "--kernel=k", "--in", in, "--out", out + ":").succeeds();
        assertThat(folder.resolve("out:")).hasSameBinaryContentAs(in);
        assertThat(out).doesNotExist();
        for (String bad : List.of(":0", ":99999999999999999999")) {
            Cli.run("run", kernel, "--kernel=k", "--in", in, "--out", out + bad)
                    .fails(2, out + bad, "1 to 9223372036854775807 elements");
        }
        Cli.run("run", kernel, "--kernel=k", "--in", in, "--out", out + ":7", "--chunk=1K")
                .fails(2, "--out " + out + ":7 has a length of its own", "--chunk");
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 40, 1L << 50, (1L << 50) + 1, 1L << 61, Long.MAX_VALUE})
    void anOutputThatIsTooLargeIsToldByItsOwnName(long count) throws IOException {
        Files.writeString(
                kernel, "kernel void k(global const uchar *in, global int *out) { out[0] = 1; }");
        Cli run = Cli.run("run", kernel, "--kernel=k", "--in", in, "--out", out + ":" + count);
        if (count == 1L << 40) {
            run.fails(1, "--out " + out + ":" + count + " with 4 TiB does not fit on device");
            assertThat(run.err()).doesNotContain("--elementwise", "--in");
        } else {
            run.fails(1, "--out " + out + ":" + count + " is too large", "files end at 1024 TiB");
        }
    }

    @Test
    void aFileThatIsTooLargeIsToldByName() throws IOException {
        Files.writeString(kernel, "kernel void k(global const uchar *in, global uchar *out) {}");
        Path large = Files.createTempFile(Path.of("/dev/shm"), "large", "");
        try {
            try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
                file.setLength(Long.MAX_VALUE - 1); // no byte of which is there
            } catch (IOException notHere) {
                assumeTrue(false, "no file system here has such files: " + notHere);
            }
            String why = large + " is too large";
            Cli.run("run", kernel, "--kernel=k", "--in", large, "--out", out).fails(1, why);
            Cli.run("run", kernel, "--kernel=k", "--in", large, "--out", out, "--chunk=1M")
                    .fails(1, why);
            Cli.run("demo", large, "--device=host").fails(1, why);
        } finally {
            Files.delete(large);
        }
    }

    @Test
    void groupsShareLocalMemory() throws IOException {
        Files.writeString(kernel, """
                kernel void sums(
                        global const uchar *in, global uint *out, uint add, local uint *part) {
                    size_t i = get_local_id(0);
                    part[i] = in[get_global_id(0)];
                    for (size_t rest = get_local_size(0) / 2; rest > 0; rest /= 2) {
                        barrier(CLK_LOCAL_MEM_FENCE);
                        if (i < rest) {
                            part[i] += part[i + rest];
                        }
                    }
                    if (i == 0) {
                        out[get_group_id(0)] = part[0] + add;
                    }
                }
                """);
        Object[] fixed = {
            "run",
            kernel,
            "--kernel=sums",
            "--in",
            in,
            "--out",
            out + ":64",
            "--arg=uint:5",
            "--arg=local:256"
        };
        Cli.run(with(fixed, "--group=64")).succeeds();
        byte[] data = Files.readAllBytes(in);
        ByteBuffer sums = ByteBuffer.wrap(Files.readAllBytes(out)).order(ByteOrder.nativeOrder());
        assertThat(sums.capacity()).isEqualTo(4 * 64);
        for (int group = 0; group < 64; group++) {
            int sum = 5;
            for (int i = 0; i < 64; i++) {
                sum += data[64 * group + i];
            }
            assertThat(sums.getInt(4 * group)).isEqualTo(sum);
        }
        Cli.run(with(fixed, "--group=7")).fails(1, "4096 work-items", "groups of 7 (--group)");
        Cli.run(with(fixed, "--group=0")).fails(2, "--group 0");
        fixed[8] = "--arg=local:1G";
        Cli.run(fixed).fails(1, "of local memory for each group", "the device has");
        fixed[8] = "--arg=uint:6";
        Cli.run(fixed).fails(1, "argument 4 of kernel 'sums' is 'uint* part'", "--arg uint:6");
        fixed[7] = "--arg=local:1K";
        Cli.run(fixed).fails(1, "argument 3 of kernel 'sums' is 'uint add'", "--arg local:1K");
        fixed[7] = "--arg=local:0";
        Cli.run(fixed).fails(2, "no size of local memory");
    }

    private static Object[] with(Object[] fixed, Object more) {
        Object[] all = Arrays.copyOf(fixed, fixed.length + 1);
        all[fixed.length] = more;
        return all;
    }

    @Test
    void sourcesIncludeFilesBesideThemAndHaveMacros() throws IOException {
        Path headers = Files.createDirectory(folder.resolve("headers"));
        Files.writeString(folder.resolve("beside.h"), "#include <elsewhere.h>\n");
        Files.writeString(headers.resolve("elsewhere.h"), "#define TWICE(x) ((x) * 2)\n");
        Files.writeString(kernel, """
                #include "beside.h"
                kernel void k(global const uchar *in, global uchar *out) {
                    size_t i = get_global_id(0);
                    out[i] = TWICE(in[i]) + ADDED + SQUARE(3) + ONE;
                }
                """);
        Cli.run(
                        "run",
                        kernel,
                        "--kernel=k",
                        "--in",
                        in,
                        "-I",
                        headers,
                        "-DADDED=2 + 1",
                        "-D",
                        "SQUARE(x)=((x) * (x))",
                        "--out",
                        out,
                        "-DONE")
                .succeeds();
        byte[] expected = Files.readAllBytes(in);
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (byte) (2 * expected[i] + 3 + 9 + 1);
        }
        assertThat(out).hasBinaryContent(expected);
    }

    @Test
    void whatTheCompilerSaysCountsLinesAsTheFileDoes() throws IOException {
        Files.writeString(
                kernel,
                "\nkernel void k(global const uchar *in, global uchar *out) {\n undeclared(); }\n");
        Cli.run("run", kernel, "--kernel=k", "--in", in, "--out", out, "-DA", "-DB")
                .fails(1, "undeclared")
                .fails(1, ":3:");
    }

    @Test
    void badMacrosAndFoldersAreToldByName() throws IOException {
        Files.writeString(kernel, "#include \"x.h\"\nkernel void k(global uchar *out) {}\n");
        for (String bad : List.of("1A", "A B", "=1", "A=1\n#error", "")) {
            Cli.run("run", kernel, "--kernel=k", "--in", in, "--out", out, "-D", bad)
                    .fails(2, "-D");
        }
        Cli.run("run", kernel, "--kernel=k", "--in", in, "--out", out, "-I", in)
                .fails(2, "-I " + in + " is no folder");
        Path blank = Files.createDirectory(folder.resolve("a blank"));
        Path moved = Files.copy(kernel, blank.resolve("kernel.cl"));
        Cli.run("run", moved, "--kernel=k", "--in", in, "--out", out)
                .fails(1, "includes files, and its folder " + blank + " has a blank");
    }

    @ParameterizedTest
    @CsvSource({
        "read_only image2d_t, an image",
        "sampler_t, a sampler: define it in the source",
        "struct pair, no number: give the members of a structure",
        "pair_t, no number: give the members of a structure",
        "float4, no number"
    })
    void whatNoCommandLineCanGiveIsToldInASentence(String type, String words) throws IOException {
        Files.writeString(
                kernel,
                "struct pair { int a; int b; };\ntypedef struct pair pair_t;\n"
                        + "kernel void k(global const uchar *in, global uchar *out, " + type
                        + " last) {}");
        Cli.run("run", kernel, "--kernel=k", "--in", in, "--out", out, "--arg=float:1")
                .fails(1, "argument 3 of kernel 'k' is '", words);
        assertThat(out).doesNotExist();
    }

    @Test
    void aNumberMayHaveANameOfTheSourcesOwn() throws IOException {
        Files.writeString(
                kernel,
                "typedef unsigned char number;\n"
                        + "kernel void k(global const uchar *in, global uchar *out, number add) {"
                        + " out[get_global_id(0)] = in[get_global_id(0)] + add; }");
        Cli.run("run", kernel, "--kernel=k", "--in", in, "--out", out, "--arg=uchar:1")
                .succeeds();
        Cli.run("run", kernel, "--kernel=k", "--in", in, "--out", out, "--arg=int:1")
                .fails(1, "argument 3 of kernel 'k' is 'unsigned char add'", "--arg int:1");
    }

    @Test
    void standardInputAndOutputAreFilesToo() throws Exception {
        copier();
        Process process = start("run", kernel, "--kernel=k", "--in", "-", "--out", "-");
        try (var to = process.getOutputStream()) {
            to.write(Files.readAllBytes(in));
        }
        assertThat(process.getInputStream().readAllBytes()).isEqualTo(Files.readAllBytes(in));
        assertThat(end(process)).isZero();
        assertThat(folder.resolve("err")).content().contains("ran k on opencl");

        process = start("run", kernel, "--kernel=k", "--in", "-", "--out", "-", "--chunk=1K");
        process.getOutputStream().close();
        assertThat(process.getInputStream().readAllBytes()).isEmpty();
        assertThat(end(process)).isEqualTo(1);
        assertThat(folder.resolve("err")).content().contains("--in /dev/stdin is empty");
    }

    @Test
    void aReaderWhoHasEnoughEndsItWithoutAWord() throws Exception {
        copier();
        Files.write(in, new byte[4 << 20]);
        Process process = start("run", kernel, "--kernel=k", "--in", in, "--out", "-");
        try (InputStream from = process.getInputStream()) {
            assertThat(from.read()).isZero();
        }
        assertThat(end(process)).isEqualTo(141); // 128 + SIGPIPE
        assertThat(folder.resolve("err")).isEmptyFile();
    }

    private void copier() throws IOException {
        Files.writeString(
                kernel,
                "kernel void k(global const uchar *in, global uchar *out) {"
                        + " size_t i = get_global_id(0); out[i] = in[i]; }");
    }

    private Process start(Object... arguments) throws IOException {
        return new ProcessBuilder(CliProcess.command(arguments))
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    private static int end(Process process) throws InterruptedException {
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }
}
