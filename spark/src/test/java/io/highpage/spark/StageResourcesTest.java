// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.spark.Tasks.Span;
import io.highpage.spark.Tasks.State;
import io.highpage.testkit.Eventually;

import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Stages whose tasks ask for another part of a device than the application's settings say. */
class StageResourcesTest {
    @RegisterExtension
    static final SparkCluster CLUSTER = new SparkCluster();

    private static final long MOST = SparkCluster.DEVICE_BYTES;

    private static JavaSparkContext spark;

    @TempDir
    Path folder;

    /**
     * One executor of two cores, whose tasks have the whole device unless a stage asks for less.
     */
    @BeforeAll
    static void start() {
        spark = new JavaSparkContext(CLUSTER.conf("StageResourcesTest")
                .set("spark.executor.cores", "2")
                .remove("spark.highpage.device")
                .set("spark.executor.resource.gpu.amount", "1")
                .set("spark.task.resource.gpu.amount", "1")
                .set("spark.task.maxFailures", "1"));
        SparkCluster.awaitExecutors(1);
    }

    @AfterAll
    static void stop() {
        if (spark != null) {
            spark.stop();
        }
    }

    @AfterEach
    void nothingIsLeft() {
        State state = spark.parallelize(List.of(0), 1)
                .map(ignored -> {
                    Tasks.haveRoom(MOST, 0); // for which pipes that nobody uses are given up
                    TaskPages.ofThisTask().close();
                    return State.here();
                })
                .first();
        assertThat(state.limit()).isEqualTo(MOST);
        assertThat(state.leases()).isZero();
        assertThat(state.buffers()).isZero();
        assertThat(state.reserved()).isZero();
        assertThat(HighpageDriver.notes().leaks()).isZero();
        assertThat(HighpageDriver.notes().opened()).isOne();
    }

    private static JavaRDD<Integer> two() {
        return spark.parallelize(List.of(0, 1), 2);
    }

    private static JavaRDD<Integer> twoOfHalves() {
        ResourceProfile half = new ResourceProfileBuilder()
                .require(new TaskResourceRequests().cpus(1).resource("gpu", 0.5))
                .build();
        return two().withResources(half);
    }

    @Test
    void stageThatAsksForHalf_hasTwoTasksAtOnce_andTheNextStageOneAgain() throws Exception {
        String marks = folder.toString();
        JavaFutureAction<List<Integer>> job =
                twoOfHalves().map(each -> Tasks.workUntilToldToGo(marks, each)).collectAsync();
        Eventually.becomesSlowly(
                "two tasks at once",
                () -> Files.exists(folder.resolve("task0"))
                        && Files.exists(folder.resolve("task1")));
        Tasks.mark(folder.resolve("go").toString());
        assertThat(job.get(5, TimeUnit.MINUTES)).containsExactly(0, 1);

        List<Span> spans = two().map(ignored -> Tasks.haveRoom(1, 500)).collect();
        assertThat(spans.getFirst().isBeside(spans.getLast())).isFalse();
    }

    @Test
    void tasksOfSuchAStage_waitForRoomThatOneOfThemHas() {
        List<Span> spans =
                twoOfHalves().map(ignored -> Tasks.haveRoom(MOST / 4 * 3, 500)).collect();
        assertThat(spans).hasSize(2);
        assertThat(spans.getFirst().isBeside(spans.getLast())).isFalse();
    }

    /** Room is for whom asks, and not half of it for whom Spark counts half a device. */
    @Test
    void taskOfSuchAStage_mayHaveAllRoomOfTheExecutor() {
        List<Span> spans = twoOfHalves().map(ignored -> Tasks.haveRoom(MOST, 0)).collect();
        assertThat(spans).hasSize(2);
    }

    @Test
    void tasksOfSuchAStage_runOnTheDeviceOfTheirAddress_withTheRightBytes() throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(3 << 20).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer doubled = ByteBuffer.allocate(3 << 20).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            doubled.putInt(2 * bytes.position());
            bytes.putInt(bytes.position());
        }
        Files.write(folder.resolve("in"), bytes.array());
        String place = folder.toString();
        List<String> addresses = twoOfHalves()
                .map(each -> {
                    Tasks.doubleThrough(Path.of(place, "in"), Path.of(place, "out" + each), false);
                    return TaskPages.ofThisTask().device().name() + " by "
                            + TaskContext.get().resourcesJMap().get("gpu").addresses()[0];
                })
                .collect();
        assertThat(addresses).allMatch(each -> each.startsWith("opencl:0 by opencl:0/2#"));
        for (int each = 0; each < 2; each++) {
            assertThat(Files.readAllBytes(folder.resolve("out" + each))).isEqualTo(doubled.array());
        }
    }
}
