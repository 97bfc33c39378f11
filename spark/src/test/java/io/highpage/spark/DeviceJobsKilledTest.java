// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.testkit.Eventually;
import io.highpage.testkit.JavaProcess;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Jobs on a real cluster of which something is killed: executors, tasks, the job, the driver. */
class DeviceJobsKilledTest {
    @RegisterExtension
    static final SparkCluster CLUSTER = new SparkCluster();

    /** The nightly run asks for more. */
    private static final int KILLS = Integer.getInteger("highpage.spark.kills", 2);

    private static final int KILLED_ATTEMPTS = Integer.getInteger("highpage.spark.attempts", 20);
    private static final long SEED = Long.getLong("highpage.spark.seed", System.nanoTime());

    private static final int MIB = 1 << 20;
    private static final int RANGES = 16;

    /** A range takes some 50 ms and more. */
    private static final int ROUNDS = 500;

    private static final JobOptions OPTIONS =
            JobOptions.defaults().pieceBytes(256 << 10).sameBits(true);

    @TempDir
    private Path folder;

    private JobFiles files;
    private List<FileRange> inputs;

    @BeforeEach
    void files() throws Exception {
        files = new JobFiles(folder);
        inputs = FileRange.cut(files.input("a.f32", RANGES * MIB), MIB);
    }

    @Test
    void executorsAreKilledAtRandomPoints() throws Exception {
        Random random = new Random(SEED);
        System.out.println("kills: -Dhighpage.spark.seed=" + SEED);
        try (JavaSparkContext spark = new JavaSparkContext(patient("kills"))) {
            SparkCluster.awaitExecutors(2);
            for (int kill = 0; kill < KILLS; kill++) {
                CompletableFuture<JobResult> job = start(spark, ROUNDS);
                int after = random.nextInt(RANGES - 2);
                Eventually.becomesSlowly(
                        "outputs", () -> files.committed() >= after || job.isDone());
                Eventually.sleep(random.nextInt(50));
                CLUSTER.executors().get(random.nextInt(2)).destroyForcibly();
                files.check(job.get(), inputs, ROUNDS);
                remove(files.outputs());
                Eventually.becomesSlowly(
                        "two executors", () -> CLUSTER.executors().size() == 2);
            }
        }
    }

    /** With so many of them as there are in one night, the application must not be given up. */
    private static SparkConf patient(String name) {
        return CLUSTER.conf(name)
                .set("spark.task.maxFailures", "100")
                .set("spark.deploy.maxExecutorRetries", "-1");
    }

    /** A stage that has one task is always tried a second time after so long a time. */
    @Test
    void ofTwoSpeculativeAttemptsOneCommits() throws Exception {
        SparkConf conf = CLUSTER.conf("speculation")
                .set("spark.speculation", "true")
                .set("spark.speculation.interval", "50ms")
                .set("spark.speculation.task.duration.threshold", "100ms");
        List<FileRange> one = List.of(FileRange.whole(files.input("large.f32", RANGES * MIB)));
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            SparkCluster.awaitExecutors(2);
            SpeculativeAttempts attempts = SpeculativeAttempts.of(spark);
            JobResult result = DeviceJobs.map(
                    spark, one, files.outputs().toString(), JobFiles.steps(ROUNDS), OPTIONS);
            files.check(result, one, ROUNDS);
            assertThat(attempts.count()).isPositive();
            // The one that came second may still have been at work.
            Eventually.becomesSlowly("idle executors", () -> isIdle(spark));
            files.check(result, one, ROUNDS);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCancelledJobLeavesItsOutputsAndNothingElse(boolean interrupt) throws Exception {
        try (JavaSparkContext spark = new JavaSparkContext(CLUSTER.conf("cancel"))) {
            SparkCluster.awaitExecutors(2);
            spark.setJobGroup("mine", "to be cancelled", interrupt);
            CompletableFuture<JobResult> job = start(spark, ROUNDS);
            // The driver has not heard of the last ones of two executors.
            Eventually.becomesSlowly("outputs", () -> files.committed() > 4);
            spark.cancelJobGroup("mine");
            JobFailedException failed = failure(job);
            assertThat(failed.committed()).hasSizeBetween(1, RANGES - 1);
            assertThat(failed).hasMessageContaining("are committed and stay");
            assertThat(files.names()).doesNotContain("_highpage").hasSizeLessThan(RANGES);
            spark.clearJobGroup();
            Eventually.becomesSlowly("idle executors", () -> isIdle(spark));
            assertThat(files.names()).doesNotContain("_highpage");
        }
    }

    @Test
    void manyAttemptsAreKilledAndExecutorsHaveWhatTheyHad() throws Exception {
        try (JavaSparkContext spark = new JavaSparkContext(CLUSTER.conf("attempts"))) {
            SparkCluster.awaitExecutors(2);
            Random random = new Random(SEED);
            System.out.println("attempts: -Dhighpage.spark.seed=" + SEED);
            cancelSoon(spark, random);
            Map<String, Tasks.State> before = statesAfterAJob(spark);
            long resident = residentBytes();
            for (int killed = 0; killed < KILLED_ATTEMPTS; killed += 2) {
                cancelSoon(spark, random);
            }
            assertThat(statesAfterAJob(spark)).isEqualTo(before);
            assertThat(residentBytes()).isLessThan(resident + resident / 4 + 64 * MIB);
        }
    }

    private void cancelSoon(JavaSparkContext spark, Random random) throws Exception {
        spark.setJobGroup("mine", "to be cancelled", random.nextBoolean());
        CompletableFuture<JobResult> job = start(spark, ROUNDS);
        Eventually.becomesSlowly("a job", () -> spark.statusTracker().getActiveJobIds().length > 0);
        Eventually.sleep(random.nextInt(300));
        spark.cancelJobGroup("mine");
        failure(job);
        spark.clearJobGroup();
        Eventually.becomesSlowly("idle executors", () -> isIdle(spark));
        remove(files.outputs());
    }

    /** {@return what executors have, with the pipes that a job that succeeds leaves for others} */
    private Map<String, Tasks.State> statesAfterAJob(JavaSparkContext spark) throws Exception {
        files.check(start(spark, ROUNDS).get(), inputs, ROUNDS);
        remove(files.outputs());
        return Tasks.onEach(spark, 2, ignored -> Tasks.State.here());
    }

    private static long residentBytes() throws Exception {
        long kibibytes = 0;
        for (ProcessHandle executor : CLUSTER.executors()) {
            for (String line : Files.readAllLines(Path.of("/proc/" + executor.pid() + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    kibibytes += Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        }
        return kibibytes << 10;
    }

    @Test
    void theNextJobRemovesWhatAKilledDriverLeft() throws Exception {
        Process driver = JavaProcess.of(
                        List.of(),
                        Driver.class,
                        lines(CLUSTER.conf("dies")),
                        folder.resolve("a.f32"),
                        files.outputs())
                .redirectOutput(folder.resolve("driver.log").toFile())
                .start();
        try {
            Eventually.becomesSlowly(
                    "an output, or an end", () -> files.committed() > 1 || !driver.isAlive());
        } finally {
            driver.destroyForcibly();
        }
        assertThat(driver.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(files.names())
                .as(Files.readString(folder.resolve("driver.log")) + CLUSTER.executorLogs())
                .contains("_highpage")
                .hasSizeGreaterThan(2);
        // Its executors end with it, and the next application gets their place.
        try (JavaSparkContext spark = new JavaSparkContext(CLUSTER.conf("after"))) {
            SparkCluster.awaitExecutors(2);
            List<FileRange> other = List.of(FileRange.whole(files.input("b.f32", MIB)));
            int committed = files.committed();
            JobResult result = DeviceJobs.map(
                    spark, other, files.outputs().toString(), JobFiles.steps(3), OPTIONS);
            assertThat(result.outputs()).hasSize(1);
            assertThat(files.names()).doesNotContain("_highpage").hasSize(committed + 1);
        }
    }

    /** Its own text leaves out what looks secret, such as a class path with a jar for tokens. */
    private static String lines(SparkConf conf) {
        return Stream.of(conf.getAll())
                .map(each -> each._1() + "=" + each._2())
                .collect(Collectors.joining("\n"));
    }

    /** A driver that is killed. */
    static final class Driver {
        private Driver() {}

        public static void main(String[] arguments) throws Exception {
            SparkConf conf = new SparkConf(false);
            for (String line : arguments[0].split("\n")) {
                int equals = line.indexOf('=');
                conf.set(line.substring(0, equals), line.substring(equals + 1));
            }
            try (JavaSparkContext spark = new JavaSparkContext(conf)) {
                DeviceJobs.map(
                        spark,
                        FileRange.cut(Path.of(arguments[1]), MIB),
                        arguments[2],
                        JobFiles.steps(ROUNDS),
                        OPTIONS);
            }
        }
    }

    private CompletableFuture<JobResult> start(JavaSparkContext spark, int rounds) {
        CompletableFuture<JobResult> job = new CompletableFuture<>();
        // A thread of its own, which inherits the group.
        new Thread(() -> {
                    try {
                        job.complete(DeviceJobs.map(
                                spark,
                                inputs,
                                files.outputs().toString(),
                                JobFiles.steps(rounds),
                                OPTIONS));
                    } catch (Throwable failed) {
                        job.completeExceptionally(failed);
                    }
                })
                .start();
        return job;
    }

    private static JobFailedException failure(CompletableFuture<JobResult> job)
            throws InterruptedException {
        try {
            throw new AssertionError("it succeeded: " + job.get());
        } catch (ExecutionException failed) {
            assertThat(failed.getCause()).isInstanceOf(JobFailedException.class);
            return (JobFailedException) failed.getCause();
        }
    }

    private static boolean isIdle(JavaSparkContext spark) {
        for (var executor : spark.sc().statusTracker().getExecutorInfos()) {
            if (executor.numRunningTasks() > 0) {
                return false;
            }
        }
        return true;
    }

    private static void remove(Path outputs) throws Exception {
        if (!Files.exists(outputs)) {
            return;
        }
        try (var all = Files.list(outputs)) {
            for (Path path : all.toList()) {
                Files.delete(path);
            }
        }
        Files.delete(outputs);
    }
}
