// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.device.Devices;
import io.highpage.internal.watch.Watch;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code run --chunk}: real files, rings and kernels; what each test leaves open fails it. */
@Tag("opencl")
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunPipelineTest {
    private static final int CHUNK = 12_000;

    @TempDir
    private Path folder;

    private Path kernel;
    private Path a;
    private Path b;
    private Path sum;
    private Path sevens;
    private Set<Watch.Opened> openBefore;
    private long ringsBefore;

    @BeforeEach
    void prepare() throws IOException {
        Cli.assumeOpenCl();
        Watch.turnOn();
        openBefore = Watch.open();
        ringsBefore = rings();
        kernel = Files.writeString(folder.resolve("kernel.cl"), """
                kernel void two(global const uint *a, global uint *sum,
                        global const uint *b, global uint *sevens, uint by) {
                    size_t i = get_global_id(0);
                    sum[i] = a[i] * by + b[i];
                    if (a[i] % 7 == 0) {
                        sevens[i] = a[i];
                    }
                }
                kernel void copy(global const uchar *in, global uchar *out) {
                    out[get_global_id(0)] = in[get_global_id(0)];
                }
                kernel __attribute__((reqd_work_group_size(8, 1, 1)))
                void eights(global const uchar *in, global uchar *out) {
                    out[get_global_id(0)] = in[get_global_id(0)];
                }
                kernel void where(global const ulong *in, global ulong *out) {
                    out[get_global_id(0)] = (ulong) (out + get_global_id(0));
                }
                """);
        a = folder.resolve("a");
        b = folder.resolve("b");
        sum = folder.resolve("sum");
        sevens = folder.resolve("sevens");
    }

    @AfterEach
    void nothingIsLeftOpen() throws IOException {
        if (openBefore == null) {
            return; // left out
        }
        assertThat(Watch.open()).isSubsetOf(openBefore);
        assertThat(rings()).isEqualTo(ringsBefore);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("reader", "fetcher", "writer");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).noneMatch(path -> path.getFileName().toString().endsWith(".part"));
        }
    }

    private static long rings() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(RunPipelineTest::isRing).count();
        }
    }

    private static boolean isRing(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().contains("io_uring");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    static Stream<Arguments> everyWay() {
        return Stream.of("opencl", "opencl-private", "opencl-buffer")
                .flatMap(device -> Stream.of(Io.values()).map(io -> Arguments.of(device, io)));
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void bytesAreThoseOfOnePiece_whateverTheSize(String device, Io io) throws Exception {
        Cli.assumeDevice(device);
        io.run(() -> {
            for (int bytes :
                    new int[] {4, CHUNK - 4, CHUNK, CHUNK + 4, 2 * CHUNK, 3 * CHUNK, 9 * CHUNK + 8
                    }) {
                Expected expected = writeInputs(bytes);
                Cli result = two(device, "--chunk=" + CHUNK).succeeds();
                assertThat(result.lastLine()).startsWith("files by " + io.description());
                expected.check();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void aPieceMayBeOneElement(String device, Io io) throws Exception {
        Cli.assumeDevice(device);
        Expected expected = writeInputs(100);
        io.run(() -> two(device, "--chunk=4").succeeds());
        expected.check();
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void filesMayBeLargerThanTheDevicesMemory(String device, Io io) throws Exception {
        Cli.assumeDevice(device);
        Expected expected = writeInputs(40 * CHUNK);
        io.run(() -> {
            // A piece takes 12,288 bytes: four files have room for two pieces each, or for one.
            assertThat(two(device, "--chunk=" + CHUNK, "--device-memory=96K")
                            .succeeds()
                            .out())
                    .doesNotContain("room for one piece");
            expected.check();
            assertThat(two(device, "--chunk=" + CHUNK, "--device-memory=95K")
                            .succeeds()
                            .out())
                    .contains("the device has room for one piece at a time");
            expected.check();
            two(device, "--chunk=" + CHUNK, "--device-memory=47K")
                    .fails(
                            1,
                            "--chunk 11.7 KiB does not fit on device " + device + ":0",
                            "4 buffers of 12 KiB need 48 KiB",
                            "--device-memory is 47 KiB",
                            "smaller --chunk");
        });
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void thePlainWayMakesTheSameBytes(String device, Io io) throws Exception {
        Cli.assumeDevice(device);
        Expected expected = writeInputs(5 * CHUNK + 4);
        io.run(() -> {
            var json = two(device, "--chunk=" + CHUNK, "--compare", "--json")
                    .succeeds()
                    .json();
            assertThat(json.get("sameBytes").asBoolean()).isTrue();
            assertThat(json.get("plainSeconds")).hasSize(2);
            assertThat(json.get("pipelineSeconds")).hasSize(2);
            assertThat(json.get("ratio").asDouble()).isPositive();
            assertThat(json.get("sha256")).hasSize(2);
        });
        expected.check();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(kernel, a, b, sum, sevens);
        }
    }

    @Test
    void outputsThatDifferBetweenTheWays_areAFailure() throws IOException {
        Files.write(a, new byte[8 * 4096]);
        Cli.run(
                        "run",
                        kernel,
                        "--kernel=where",
                        "--in",
                        a,
                        "--out",
                        sum,
                        "--element-bytes=8",
                        "--chunk=8K",
                        "--compare")
                .fails(
                        1,
                        "--out " + sum + " differs from run to run",
                        "does the kernel work on each element by itself?");
        assertThat(sum).doesNotExist();
    }

    @Test
    void comparingNeedsPiecesAndFiles() throws IOException {
        Files.write(a, new byte[100]);
        Cli.run("run", kernel, "--kernel=copy", "--in", a, "--out", sum, "--compare")
                .fails(2, "--compare needs --chunk");
        Cli.run(
                        "run",
                        kernel,
                        "--kernel=copy",
                        "--in",
                        a,
                        "--out",
                        "/dev/null",
                        "--chunk=1K",
                        "--compare")
                .fails(2, "--compare needs files", "/dev/null");
    }

    @ParameterizedTest
    @EnumSource
    void aLaunchThatIsRefused_stopsAllStages(Io io) throws Exception {
        assumeFalse(
                Devices.named("opencl").description().startsWith("rusticl"),
                "Mesa's driver runs kernels in work-groups of another size than they require");
        Files.write(a, new byte[20 * 800]);
        io.run(() -> Cli.run(
                        "run", kernel, "--kernel=eights", "--in", a, "--out", sum, "--chunk=800")
                .fails(1, "kernel 'eights' could not run over 800 work-items"));
        assertThat(sum).doesNotExist();
    }

    private Cli copyInPieces(Path output) {
        return Cli.run("run", kernel, "--kernel=copy", "--in", a, "--out", output, "--chunk=1K");
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatShrinksMeanwhile_isTold(Io io) throws Exception {
        Path pipe = pipe();
        Files.write(a, new byte[400_000]);
        io.run(() -> {
            CompletableFuture<Cli> run = CompletableFuture.supplyAsync(() -> copyInPieces(pipe));
            // The pipe has room for 64 KiB, so the pipeline is held up long before the end of the
            // file.
            try (InputStream reader = Files.newInputStream(pipe)) {
                assertThat(reader.readNBytes(1000)).hasSize(1000);
                try (FileChannel input = FileChannel.open(a, StandardOpenOption.WRITE)) {
                    input.truncate(200_000);
                }
                assertThat(reader.readAllBytes()).hasSizeLessThan(200_000);
            }
            run.get().fails(1, "cannot read --in " + a, "it ended at byte 200000 while being read");
        });
    }

    @ParameterizedTest
    @EnumSource
    void aReaderOfTheOutputThatGoesAway_stopsAllStages(Io io) throws Exception {
        Path pipe = pipe();
        Files.write(a, new byte[400_000]);
        io.run(() -> {
            CompletableFuture<Cli> run = CompletableFuture.supplyAsync(() -> copyInPieces(pipe));
            Files.newInputStream(pipe).close();
            run.get().fails(1, "cannot write " + pipe, "Broken pipe");
        });
    }

    @ParameterizedTest
    @EnumSource
    void anInterrupt_stopsAllStages(Io io) throws Exception {
        Path pipe = pipe();
        Files.write(a, new byte[400_000]);
        io.run(() -> {
            CompletableFuture<Cli> run = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                Cli result = copyInPieces(pipe);
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                run.complete(result);
            });
            thread.start();
            try (InputStream reader = Files.newInputStream(pipe)) {
                assertThat(reader.read()).isZero(); // the writer is at work, and stuck soon
                thread.interrupt();
                run.get().fails(1, "interrupted; the outputs were not written");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aFullDisk_stopsAllStagesAndLeavesNothing(Io io) throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        assumeTrue(
                exitCode(
                                "mount",
                                "-t",
                                "tmpfs",
                                "-o",
                                "size=128k",
                                "highpage-test",
                                disk.toString())
                        == 0,
                "a full disk was NOT tested: needs root and the right to mount a tmpfs");
        try {
            Files.write(a, new byte[400_000]);
            Path out = disk.resolve("out");
            io.run(() -> Cli.run(
                            "run", kernel, "--kernel=copy", "--in", a, "--out", out, "--chunk=16K")
                    .fails(1, "cannot write " + out, "No space left on device"));
            assertThat(disk).isEmptyDirectory();
        } finally {
            assertThat(exitCode("umount", disk.toString())).isZero();
        }
    }

    private Path pipe() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(exitCode("mkfifo", pipe.toString())).isZero();
        return pipe;
    }

    private static int exitCode(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private Cli two(String device, String... options) {
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
            "--element-bytes=4",
            "--device",
            device
        };
        return Cli.run(
                Stream.concat(Arrays.stream(fixed), Arrays.stream(options)).toArray());
    }

    private record Expected(Path sum, Path sevens, int[] sums, int[] onlySevens) {
        void check() throws IOException {
            assertThat(sum).hasBinaryContent(Ints.bytes(sums));
            assertThat(sevens).hasBinaryContent(Ints.bytes(onlySevens));
        }
    }

    private Expected writeInputs(int byteSize) throws IOException {
        Random random = new Random(byteSize);
        int[] left = random.ints(byteSize / 4, 0, Integer.MAX_VALUE).toArray();
        int[] right = random.ints(byteSize / 4).toArray();
        Files.write(a, Ints.bytes(left));
        Files.write(b, Ints.bytes(right));
        int[] sums = new int[left.length];
        int[] onlySevens = new int[left.length];
        for (int i = 0; i < left.length; i++) {
            sums[i] = left[i] * 3 + right[i];
            onlySevens[i] = left[i] % 7 == 0 ? left[i] : 0;
        }
        return new Expected(sum, sevens, sums, onlySevens);
    }
}
