// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.spark.Tasks.Span;
import io.highpage.spark.Tasks.State;
import io.highpage.testkit.Eventually;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Two tasks at a time that share a device: room that is waited for, and pipes. In one process. */
class TaskRoomTest {
    private static final long MOST = SparkCluster.DEVICE_BYTES;

    private static JavaSparkContext spark;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        RequireOpenCl.check();
        spark = new JavaSparkContext(SparkCluster.local("TaskRoomTest")
                .set("spark.plugins", HighpagePlugin.class.getName())
                .set("spark.highpage.device", "opencl:0")
                .set("spark.highpage.deviceMemory", Long.toString(MOST)));
    }

    @AfterAll
    static void stop() {
        if (spark != null) {
            spark.stop();
        }
    }

    @AfterEach
    void noRoomIsTaken() {
        State state = Tasks.onEach(spark, 1, ignored -> State.here())
                .values()
                .iterator()
                .next();
        assertThat(state.leases()).isZero();
        assertThat(state.buffers()).isLessThanOrEqualTo(4); // of one idle pipe
        assertThat(spark.parallelize(List.of(0), 1)
                        .map(ignored -> Tasks.haveRoom(MOST, 0))
                        .collect())
                .hasSize(1);
    }

    private static JavaRDD<Integer> two() {
        return spark.parallelize(List.of(0, 1), 2);
    }

    @Test
    void tasksWithRoomForOne_waitForEachOther_andBothSucceed() {
        List<Span> spans =
                two().map(ignored -> Tasks.haveRoom(MOST / 4 * 3, 500)).collect();
        assertThat(spans).hasSize(2);
        assertThat(spans.getFirst().isBeside(spans.getLast())).isFalse();
    }

    @Test
    void moreThanTheExecutorHas_failsAtOnceWithNeedAndHave() {
        assertThatThrownBy(
                        () -> two().map(ignored -> Tasks.haveRoom(MOST + 1, 0)).collect())
                .hasMessageContaining("needs " + (MOST + 1) + " bytes")
                .hasMessageContaining("has " + MOST);
    }

    @Test
    void memoryThatWasNotReserved_isNotOnTheDevice() {
        assertThatThrownBy(() -> two().foreach(ignored -> Tasks.useWithoutRoom()))
                .hasMessageContaining("OutOfPageMemoryException")
                .hasMessageContaining("partition ");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void taskThatIsKilledWhileItWaits_endsAndLeavesTheRoom(boolean byInterrupt) {
        String file = folder.resolve("task").toString();
        spark.setJobGroup("waiting", "to be killed", byInterrupt);
        JavaFutureAction<Void> job = two().foreachAsync(each -> {
            Tasks.mark(file + each);
            Tasks.haveRoom(MOST, 0);
            Tasks.mark(file + "-has-room");
            Tasks.untilKilled(byInterrupt);
        });
        spark.clearJobGroup();
        Eventually.becomesSlowly(
                "two tasks, one with room",
                () -> Files.exists(Path.of(file + 0))
                        && Files.exists(Path.of(file + 1))
                        && Files.exists(Path.of(file + "-has-room")));
        long begin = System.nanoTime();
        spark.cancelJobGroup("waiting");
        assertThatThrownBy(job::get).isInstanceOf(ExecutionException.class);
        Tasks.onEach(spark, 1, ignored -> 0);
        assertThat(System.nanoTime() - begin).isLessThan(Tasks.WAIT.toNanos() / 2);
    }

    /** Has all room until its group is cancelled. */
    private JavaFutureAction<Void> holding() {
        String file = folder.resolve("task").toString();
        spark.setJobGroup("holding", "has all room", true);
        JavaFutureAction<Void> job = spark.parallelize(List.of(0), 1).foreachAsync(each -> {
            Tasks.haveRoom(MOST, 0);
            Tasks.mark(file);
            Tasks.untilKilled(true);
        });
        spark.clearJobGroup();
        Eventually.becomesSlowly("a task with room", () -> Files.exists(Path.of(file)));
        return job;
    }

    private static void cancel(JavaFutureAction<Void> holding) {
        spark.cancelJobGroup("holding");
        assertThatThrownBy(holding::get).isInstanceOf(ExecutionException.class);
    }

    @Test
    void jobThatHasNoRoomUntilItsDeadline_failsWithWhoHasIt() throws Exception {
        JavaFutureAction<Void> holding = holding();
        JobFiles files = new JobFiles(folder);
        List<FileRange> inputs = List.of(FileRange.whole(files.input("a.f32", 1 << 20)));
        JobOptions impatient = JobOptions.defaults().roomDeadline(Duration.ofMillis(300));
        String outputs = files.outputs().toString();
        assertThatThrownBy(
                        () -> DeviceJobs.map(spark, inputs, outputs, JobFiles.steps(3), impatient))
                .isInstanceOf(JobFailedException.class)
                .hasMessageMatching(
                        "(?s).*partition 0 attempt 0 \\(tid \\d+\\).*" + MOST + " bytes.*");
        assertThat(files.names()).isEmpty();
        cancel(holding);
    }

    @Test
    void twoThreadsOfATaskThatReserve_areToldAtOnce() {
        JavaFutureAction<Void> holding = holding();
        assertThat(spark.parallelize(List.of(0), 1)
                        .map(ignored -> Tasks.reserveByTwo(MOST))
                        .first())
                .contains("has reserved or allocated before: reserve once");
        cancel(holding);
    }

    @Test
    void pipeThatAnotherThreadStillRuns_isGivenBackByALaterTask() {
        spark.parallelize(List.of(0), 1).foreach(ignored -> Tasks.leaveRunning());
        Tasks.openGate();
        Eventually.becomesSlowly("a pipe that is given back", () -> {
            State state = Tasks.onEach(spark, 1, ignored -> {
                        TaskPages.ofThisTask();
                        return State.here();
                    })
                    .values()
                    .iterator()
                    .next();
            return state.leases() == 0;
        });
    }

    /** Spark has one thread that kills tasks, and that takes what the executor is told. */
    @Test
    void killOfATaskThatCloses_doesNotWaitForWhatItCloses() throws Exception {
        JavaFutureAction<Void> job =
                spark.parallelize(List.of(0), 1).foreachAsync(ignored -> Tasks.closeSlowly());
        Tasks.awaitClosing();
        Thread.sleep(500); // until it does
        try {
            assertThat(CompletableFuture.runAsync(Tasks::killClosing))
                    .succeedsWithin(Duration.ofSeconds(30));
        } finally {
            Tasks.openGate();
        }
        job.get();
    }

    @Test
    void pipe_isLentAgain_andOneThatIsForgottenIsReported() throws Exception {
        Path in = folder.resolve("in");
        ByteBuffer bytes = ByteBuffer.allocate(3 << 20).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putInt(bytes.position());
        }
        Files.write(in, bytes.array());
        String place = folder.toString();
        long before = HighpageDriver.notes().leaks();
        for (int round = 0; round < 3; round++) {
            boolean forget = round == 1;
            int made = spark.parallelize(List.of(0), 1)
                    .map(ignored -> Tasks.doubleThrough(
                            Path.of(place, "in"), Path.of(place, "out"), forget))
                    .collect()
                    .getFirst();
            assertThat(made).isOne();
            ByteBuffer out = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("out")))
                    .order(ByteOrder.LITTLE_ENDIAN);
            assertThat(out.capacity()).isEqualTo(3 << 20);
            assertThat(out.getInt(2 << 20)).isEqualTo(2 * (2 << 20));
        }
        Eventually.becomesSlowly("a leak", () -> HighpageDriver.notes().leaks() == before + 1);
        assertThat(HighpageDriver.notes().last(Report.Leak.class).getLast().left())
                .singleElement()
                .asString()
                .contains("pipe", "Tasks.doubleThrough(Tasks.java:");
    }
}
