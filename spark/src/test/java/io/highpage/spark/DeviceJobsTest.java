// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.testkit.Eventually;

import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Jobs on a real cluster: their outputs, and what is wrong with a job. */
class DeviceJobsTest {
    @RegisterExtension
    static final SparkCluster CLUSTER = new SparkCluster();

    private static final int MIB = 1 << 20;
    private static final int ROUNDS = 3;
    private static final JobOptions OPTIONS =
            JobOptions.defaults().pieceBytes(MIB).sameBits(true);

    private static JavaSparkContext spark;

    @TempDir
    private Path folder;

    private JobFiles files;

    @BeforeAll
    static void start() {
        // Not all serializers know records.
        spark = new JavaSparkContext(CLUSTER.conf("jobs")
                .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer"));
        SparkCluster.awaitExecutors(2);
    }

    @AfterAll
    static void stop() {
        if (spark != null) {
            spark.stop();
        }
    }

    @BeforeEach
    void files() {
        files = new JobFiles(folder);
    }

    @Test
    void outputsOfFilesAndRangesHaveTheBitsThatJavaComesTo() throws Exception {
        List<FileRange> inputs = new ArrayList<>();
        inputs.add(FileRange.whole(files.input("a.f32", 3 * MIB + 4096)));
        inputs.addAll(FileRange.cut(files.input("b.f32", 5 * MIB), 2 * MIB));
        inputs.add(FileRange.whole(files.input("one number.f32", 4)));
        inputs.add(FileRange.whole(files.input("nothing.f32", 0)));
        JobResult result = map(inputs, JobFiles.steps(ROUNDS), OPTIONS);
        files.check(result, inputs, ROUNDS);
        assertThat(result.outputs())
                .filteredOn(output -> output.input().byteSize() > 0)
                .allSatisfy(output -> {
                    assertThat(output.device()).isNotEmpty();
                    assertThat(output.executor()).startsWith("executor ");
                });
    }

    @Test
    void aJobOverNothingMakesNothing() throws Exception {
        assertThat(map(List.of(), JobFiles.steps(ROUNDS), OPTIONS).outputs()).isEmpty();
        assertThat(files.names()).isEmpty();
    }

    @Test
    void aRangeOfMoreThan2GiB() throws Exception {
        long size = (2L << 30) + 3 * MIB;
        Path input = folder.resolve("sparse.i32");
        try (RandomAccessFile file = new RandomAccessFile(input.toFile(), "rw")) {
            file.setLength(size);
            file.seek(size - 1);
            file.write(1 << 6);
        }
        DeviceKernel copy = DeviceKernel.of(
                "kernel void copy(global const int *in, global int *out) {"
                        + " size_t i = get_global_id(0); out[i] = in[i]; }",
                "copy");
        JobResult result = map(List.of(FileRange.whole(input)), copy, OPTIONS.pieceBytes(8 * MIB));
        Path output = Path.of(result.outputs().getFirst().path());
        assertThat(Files.mismatch(output, input)).isEqualTo(-1);
        Files.delete(output);
    }

    @Test
    void piecesAreHalvedUntilATaskHasRoom() throws Exception {
        List<FileRange> inputs = FileRange.cut(files.input("a.f32", 8 * MIB), 4 * MIB);
        // Four pieces: 256 MiB and 128 MiB are too much, 64 MiB are all that there is.
        JobResult result = map(inputs, JobFiles.steps(ROUNDS), OPTIONS.pieceBytes(64 * MIB));
        files.check(result, inputs, ROUNDS);
    }

    // ---- jobs that are wrong: told once, not tried again ----

    @Test
    void aTaskThatHasNoRoomWithTheLeastPieces() throws Exception {
        List<FileRange> inputs = FileRange.cut(files.input("a.f32", 8 * MIB), MIB);
        refused(
                inputs,
                JobFiles.steps(ROUNDS),
                OPTIONS.pieceBytes(64 * MIB).leastPieceBytes(32 * MIB),
                "needs 134217728 bytes",
                "has " + SparkCluster.DEVICE_BYTES,
                "spark.highpage.deviceMemory");
    }

    @Test
    void aKernelThatDoesNotCompile() throws Exception {
        List<FileRange> inputs = FileRange.cut(files.input("a.f32", 8 * MIB), MIB);
        refused(
                inputs,
                DeviceKernel.of("kernel void k(global const float *in) { no_such_thing(); }", "k"),
                OPTIONS,
                "does not compile",
                "no_such_thing",
                "0 of 8 outputs");
    }

    @Test
    void aKernelThatIsCalledInAnotherWay() throws Exception {
        List<FileRange> inputs = List.of(FileRange.whole(files.input("a.f32", MIB)));
        refused(inputs, DeviceKernel.of(JobFiles.STEPS, "leaps"), OPTIONS, "leaps", "steps");
        refused(inputs, DeviceKernel.of(JobFiles.STEPS, "steps"), OPTIONS, "0 numbers");
        refused(
                inputs,
                DeviceKernel.of(JobFiles.STEPS, "steps", 3f),
                OPTIONS,
                "rounds",
                "gives 3.0, a Float");
        refused(
                inputs,
                DeviceKernel.of("kernel void k(float a, global float *b) {}", "k"),
                OPTIONS,
                "begin with 'float a'");
        refused(
                inputs,
                DeviceKernel.of("kernel void k(global float *a, global double *b) {}", "k"),
                OPTIONS,
                "different sizes");
    }

    @Test
    void aRangeThatEndsWithinAnElement() throws Exception {
        Path input = files.input("a.f32", MIB);
        refused(
                List.of(new FileRange(input.toString(), 0, 4095)),
                JobFiles.steps(ROUNDS),
                OPTIONS,
                "within an element",
                "4 bytes");
    }

    @Test
    void outputsThatAreThere() throws Exception {
        List<FileRange> inputs = List.of(FileRange.whole(files.input("a.f32", MIB)));
        Path output = Files.createDirectory(files.outputs()).resolve("a.f32");
        Files.writeString(output, "mine");
        refused(inputs, JobFiles.steps(ROUNDS), OPTIONS, "files of that name: a.f32");
        assertThat(output).hasContent("mine");
        assertThat(files.names()).containsExactly("a.f32");
    }

    @Test
    void aFolderOfOutputsThatIsAFile() throws Exception {
        Files.createFile(files.outputs());
        assertThatThrownBy(() -> map(List.of(), JobFiles.steps(ROUNDS), OPTIONS))
                .isInstanceOf(JobFailedException.class)
                .hasMessageContainingAll("cannot write to output folder", "out");
    }

    @Test
    void aFolderOfOutputsThatIsAnotherOneForExecutors() throws Exception {
        List<FileRange> inputs = List.of(FileRange.whole(files.input("a.f32", MIB)));
        // Each process has its own.
        String mine = "/proc/self/cwd/target/spark-jobs-" + folder.getFileName();
        assertThatThrownBy(
                        () -> DeviceJobs.map(spark, inputs, mine, JobFiles.steps(ROUNDS), OPTIONS))
                .isInstanceOf(JobFailedException.class)
                .hasMessageContainingAll("executor ", mine, "mounted under the same path");
        assertThat(Path.of(mine)).isEmptyDirectory();
        Files.delete(Path.of(mine));
    }

    @Test
    void anInputThatChangesWhileItIsRead() throws Exception {
        Path input = files.input("a.f32", 8 * MIB);
        List<FileRange> inputs = FileRange.cut(input, MIB);
        CompletableFuture<Throwable> failure = failureOf(inputs, 1_000);
        Eventually.becomesSlowly("an output", () -> files.committed() > 0);
        try (FileChannel file = FileChannel.open(input, StandardOpenOption.WRITE)) {
            file.truncate(8 * MIB - 4);
        }
        assertThat(failure.get())
                .isInstanceOf(JobFailedException.class)
                .hasMessageContainingAll(
                        input + " changed while the job ran",
                        8 * MIB + " bytes of",
                        8 * MIB - 4 + " bytes of",
                        " of 8 outputs are committed and stay");
        assertThat(files.names()).doesNotContain("_highpage");
    }

    private void refused(
            List<FileRange> inputs, DeviceKernel kernel, JobOptions options, String... words) {
        List<String> before = files.names();
        assertThatThrownBy(() -> map(inputs, kernel, options))
                .isInstanceOf(JobFailedException.class)
                .hasMessageContainingAll(words)
                .hasMessageNotContainingAny("failed 4 times", "Exception"); // Spark's own words
        assertThat(files.names()).isEqualTo(before);
    }

    private CompletableFuture<Throwable> failureOf(List<FileRange> inputs, int rounds) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                map(inputs, JobFiles.steps(rounds), OPTIONS);
                return new AssertionError("it succeeded");
            } catch (Exception failed) {
                return failed;
            }
        });
    }

    private JobResult map(List<FileRange> inputs, DeviceKernel kernel, JobOptions options)
            throws InterruptedException {
        return DeviceJobs.map(spark, inputs, files.outputs().toString(), kernel, options);
    }
}
