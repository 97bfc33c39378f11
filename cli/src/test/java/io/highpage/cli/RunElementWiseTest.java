// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;

/** {@code run --elementwise}: whole files of which the device has room for some spans. */
@Tag("opencl")
class RunElementWiseTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path folder;

    private Path kernel;
    private Path a;
    private Path b;
    private Path sum;
    private Path sevens;

    @BeforeEach
    void prepare() throws IOException {
        Cli.assumeOpenCl();
        kernel = Files.writeString(folder.resolve("kernel.cl"), """
                kernel void two(global const uint *a, global uint *sum,
                        global const uint *b, global uint *sevens, uint by) {
                    size_t i = get_global_id(0);
                    sum[i] = a[i] * by + b[i];
                    if (a[i] % 7 == 0) {
                        sevens[i] = a[i];
                    }
                }
                typedef struct { uint x, y, z; } point;
                kernel void turn(global const point *in, global point *out) {
                    size_t i = get_global_id(0);
                    out[i].x = in[i].y;
                    out[i].y = in[i].z;
                    out[i].z = in[i].x;
                }
                kernel void widen(global const uchar *in, global uint *out) {
                    size_t i = get_global_id(0);
                    out[i] = in[i];
                }
                kernel void corners(global const uchar *in, global uint *out) {
                    size_t i = get_global_id(0);
                    out[i] = in[4 * i];
                }
                """);
        a = folder.resolve("a");
        b = folder.resolve("b");
        sum = folder.resolve("sum");
        sevens = folder.resolve("sevens");
    }

    @ParameterizedTest
    @CsvSource({
        // four files of 9 MiB: in one piece, in spans of which several sets fit, or just one
        "opencl, 64M, 1, 1",
        "opencl, 16M, 5, 2",
        "opencl, 8M, 5, 1",
        "opencl-private, 16M, 5, 2",
        "opencl-private, 8M, 5, 1",
        "opencl-buffer, 16M, 5, 2",
        "opencl-buffer, 8M, 5, 1"
    })
    void filesMayBeLargerThanTheDevicesMemory(String device, String memory, int pieces, int atOnce)
            throws IOException {
        Cli.assumeDevice(device);
        int[] left = numbers(9 * MIB);
        int[] right = numbers(9 * MIB + 4);
        Files.write(a, Ints.bytes(left));
        Files.write(b, Ints.bytes(Arrays.copyOf(right, left.length)));
        JsonNode json =
                two(device, memory, "--elementwise", "--json").succeeds().json();
        assertThat(json.get("pieces").asInt()).isEqualTo(pieces);
        assertThat(json.get("piecesOnDevice").asInt()).isEqualTo(atOnce);
        assertThat(json.get("traffic").get("spansEvicted").asLong() > 0).isEqualTo(pieces > 1);
        int[] sums = new int[left.length];
        int[] onlySevens = new int[left.length];
        for (int i = 0; i < left.length; i++) {
            sums[i] = left[i] * 3 + right[i];
            onlySevens[i] = Integer.remainderUnsigned(left[i], 7) == 0 ? left[i] : 0;
        }
        assertThat(sum).hasBinaryContent(Ints.bytes(sums));
        assertThat(sevens).hasBinaryContent(Ints.bytes(onlySevens));
    }

    @Test
    void whatWasNotDeclared_isRefusedBeforeAnythingIsWritten() throws IOException {
        Files.write(a, new byte[9 * MIB]);
        Files.write(b, new byte[9 * MIB]);
        Files.writeString(sum, "precious");
        two("opencl", "16M")
                .fails(
                        1,
                        "--in " + a + " with 9 MiB does not fit on device opencl:0",
                        "4 buffers of 9 MiB need 36 MiB there, but --device-memory is 16 MiB",
                        "--elementwise");
        two("opencl", "7M", "--elementwise")
                .fails(
                        1,
                        "--in " + a + " with 9 MiB",
                        "nor does a span of it, which has at least 2 MiB",
                        "4 buffers of 2 MiB need 8 MiB there, but --device-memory is 7 MiB",
                        "more --device-memory",
                        "--chunk");
        two("opencl", "0", "--elementwise").fails(2, "--device-memory", "'0'");
        assertThat(sum).hasContent("precious");
        assertThat(files()).containsExactlyInAnyOrder(kernel, a, b, sum);
    }

    /** A number for a local buffer would be given to the driver as its length, or worse. */
    @Test
    void kernelsThatTakeMoreThanFilesAndNumbers_areRefused() throws IOException {
        Files.write(a, new byte[8000]);
        Files.writeString(kernel, """
                kernel void shared(global const uint *in, global uint *out, local uint *tmp) {
                    tmp[get_local_id(0)] = in[get_global_id(0)];
                    barrier(CLK_LOCAL_MEM_FENCE);
                    out[get_global_id(0)] = tmp[0];
                }
                kernel __attribute__((reqd_work_group_size(4, 4, 1)))
                void square(global const uint *in, global uint *out) {
                    out[get_global_id(0)] = in[get_global_id(0)];
                }
                """);
        for (String way : new String[] {"--elementwise", "--chunk=4000"}) {
            run("shared", way).fails(1, "kernel 'shared' takes 3 arguments", "but 2 were given");
            run("shared", way, "--arg=uint:64")
                    .fails(1, "argument 3 of kernel 'shared' is 'uint* tmp'", "--arg uint:64");
            run("square", way).fails(1, "kernel 'square' could not run over");
        }
        assertThat(sum).doesNotExist();
    }

    private Cli run(String name, String... more) {
        Object[] fixed = {"run", kernel, "--kernel", name, "--in", a, "--out", sum};
        return Cli.run(Stream.concat(Arrays.stream(fixed), Arrays.stream(more)).toArray());
    }

    /**
     * 2 MiB are no whole number of them, so that each span ends with some bytes that are unused.
     */
    @ParameterizedTest
    @ValueSource(strings = {"opencl", "opencl-buffer"})
    void elementsThatDoNotDivideASpan_lieInOneAllTheSame(String device) throws IOException {
        Cli.assumeDevice(device);
        int[] in = numbers(3 * 4 * 500_000);
        Files.write(a, Ints.bytes(in));
        Cli.run(
                        "run",
                        kernel,
                        "--kernel=turn",
                        "--in",
                        a,
                        "--out",
                        sum,
                        "--element-bytes=12",
                        "--elementwise",
                        "--device-memory=5M",
                        "--device",
                        device)
                .succeeds();
        int[] out = new int[in.length];
        for (int i = 0; i < in.length; i++) {
            out[i] = in[i / 3 * 3 + (i + 1) % 3];
        }
        assertThat(sum).hasBinaryContent(Ints.bytes(out));
    }

    /**
     * Equally long pieces would give the kernel other elements than whole files do: the second
     * piece of the input begins at its middle, the second of the output needs what comes at a
     * quarter.
     */
    @Test
    void elementsOfDifferentSizes_areRefusedUnlessTheirSizeIsSaid() throws IOException {
        Files.write(a, new byte[8000]);
        for (String way : new String[] {"--elementwise", "--chunk=4000"}) {
            Cli.run("run", kernel, "--kernel=widen", "--in", a, "--out", sum, way)
                    .fails(
                            1,
                            "kernel 'widen' cannot run over pieces (" + way.split("=")[0] + ")",
                            "'uchar* in' has 1 byte and",
                            "'uint* out' 4",
                            "--element-bytes N");
            assertThat(sum).doesNotExist();
        }
        Cli.run("run", kernel, "--kernel=widen", "--in", a, "--out", sum).succeeds();
        byte[] bytes = new byte[8000];
        new Random(1).nextBytes(bytes);
        Files.write(a, bytes);
        Object[] said = {
            "run",
            kernel,
            "--kernel=corners",
            "--in",
            a,
            "--out",
            sum,
            "--element-bytes=4",
            "--chunk=1000"
        };
        Cli.run(said).succeeds();
        int[] expected = new int[2000];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = Byte.toUnsignedInt(bytes[4 * i]);
        }
        assertThat(sum).hasBinaryContent(Ints.bytes(expected));
    }

    @Test
    void accessesAreRecordedForTheSimulator() throws IOException {
        Path trace = folder.resolve("accesses");
        Files.write(a, new byte[5 * MIB]);
        Files.write(b, new byte[5 * MIB]);
        two("opencl", "8M", "--elementwise", "--record-accesses", trace.toString())
                .succeeds();
        assertThat(trace).hasContent("""
                highpage-accesses 1
                memory 8388608
                spans 2 2097152
                spans 1 1048576
                read 0
                spans 2 2097152
                spans 1 1048576
                modify 3
                spans 2 2097152
                spans 1 1048576
                read 6
                spans 2 2097152
                spans 1 1048576
                modify 9
                read 1
                modify 4
                read 7
                modify 10
                read 2
                modify 5
                read 8
                modify 11
                """);
        two("opencl", "8M", "--chunk=1M", "--record-accesses", trace.toString()).succeeds();
        assertThat(trace).content().contains("memory 8388608\nspans 1 2097152\nread 0\n");
        two("opencl", "8M", "--chunk=1M", "--compare", "--record-accesses", trace.toString())
                .fails(2, "--record-accesses is for one run");
        two("opencl", "8M", "--elementwise", "--record-accesses", a.toString())
                .fails(2, "--record-accesses " + a + " and " + a + " are the same file");
        Path none = folder.resolve("none/accesses");
        two("opencl", "8M", "--elementwise", "--record-accesses", none.toString())
                .fails(1, "cannot write " + none, "no such file or folder");
        two("opencl", "7M", "--elementwise", "--record-accesses", trace.toString())
                .fails(1, "does not fit");
        assertThat(trace).content().startsWith("highpage-accesses 1\nmemory 8388608\n");
        assertThat(files()).containsExactlyInAnyOrder(kernel, a, b, sum, sevens, trace);
    }

    private Cli two(String device, String memory, String... more) {
        Object[] fixed = {
            "run",
            kernel,
            "--kernel=two",
            "--in",
            a,
            "--out",
            sum,
            "--in",
            b,
            "--out",
            sevens,
            "--arg=uint:3",
            "--device-memory=" + memory,
            "--device",
            device
        };
        return Cli.run(Stream.concat(Arrays.stream(fixed), Arrays.stream(more)).toArray());
    }

    private Path[] files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toArray(Path[]::new);
        }
    }

    private static int[] numbers(int bytes) {
        return new Random(bytes).ints(bytes / 4).toArray();
    }
}
