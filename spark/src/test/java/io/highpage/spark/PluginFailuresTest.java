// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.spark.Tasks.State;
import io.highpage.testkit.Eventually;
import io.highpage.testkit.JavaProcess;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Executors that cannot start, and that end while they work; an application for each. */
class PluginFailuresTest {
    @RegisterExtension
    static final SparkCluster CLUSTER = new SparkCluster();

    @TempDir
    Path folder;

    /** Spark itself would start another executor, and another, without an end. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "opencl:7     | no device 'opencl:7': there is opencl:0",
                "nonsense:0/2 | no device 'nonsense:0': there is ",
            })
    void executorsThatFailAlike_stopTheApplicationWithTheReason(String device, String reason) {
        SparkConf conf = CLUSTER.conf("failing").set("spark.highpage.device", device);
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            assertThatThrownBy(() -> spark.parallelize(List.of(1)).count())
                    .hasMessageContaining("Highpage cannot start in any executor; 3 have failed")
                    .hasMessageContaining(reason);
            SparkCluster.awaitStop(spark);
        }
        assertThat(HighpageDriver.notes().stopReason()).contains(reason);
        assertThat(HighpageDriver.notes().opened()).isZero();
    }

    @Test
    void moreMemoryThanTheDeviceHas_isRefusedWithNeedAndHave() {
        SparkConf conf = CLUSTER.conf("greedy")
                .set("spark.highpage.deviceMemory", "100t")
                .set("spark.highpage.failures", "1");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            assertThatThrownBy(() -> spark.parallelize(List.of(1)).count())
                    .hasMessageContaining("spark.highpage.deviceMemory=109951162777600 bytes: the"
                            + " device opencl:0")
                    .hasMessageContaining(" has ");
            SparkCluster.awaitStop(spark);
        }
    }

    @Test
    void driverThatTookTheSignals_isRefusedWithoutLibjsig_unlessAccepted() {
        SparkConf conf = CLUSTER.conf("signals")
                .set("spark.highpage.failures", "1")
                .remove("spark.executorEnv.LD_PRELOAD");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            assertThatThrownBy(() -> spark.parallelize(List.of(1)).count())
                    .hasMessageContaining("took signals that the JVM needs")
                    .hasMessageContaining(
                            "--conf spark.executorEnv.LD_PRELOAD=" + SparkCluster.libjsig());
            SparkCluster.awaitStop(spark);
        }
        conf.set("spark.highpage.signals", "accept");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            assertThat(spark.parallelize(List.of(1)).count()).isOne();
        }
    }

    @Test
    void executorsOfOneDevice_haveTheirShares() {
        SparkConf conf = CLUSTER.conf("shares")
                .remove("spark.highpage.device")
                .remove("spark.highpage.deviceMemory")
                .set("spark.executor.resource.gpu.amount", "1")
                .set("spark.task.resource.gpu.amount", "1")
                .set("spark.highpage.threads", "2");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            SparkCluster.awaitExecutors(2);
            Map<String, State> states = Tasks.onEach(spark, 2, ignored -> State.here());
            assertThat(states.values()).allSatisfy(state -> {
                assertThat(state.device()).isEqualTo("opencl:0");
                assertThat(state.threads()).isEqualTo(2);
            });
            // What a driver in host memory says that there is differs from process to process.
            Map<String, Long> all = Tasks.onEach(spark, 2, ignored -> Tasks.capacity());
            states.forEach((executor, state) ->
                    assertThat(state.limit()).isEqualTo(all.get(executor) / 2));
        }
    }

    @Test
    void executorThatIsKilled_isReplacedAndTheJobEnds() throws Exception {
        try (JavaSparkContext spark = new JavaSparkContext(CLUSTER.conf("kill"))) {
            SparkCluster.awaitExecutors(2);
            JavaFutureAction<List<Integer>> job = twoThatGoOn(spark);
            ProcessHandle victim = CLUSTER.executors().getFirst();
            victim.destroyForcibly();
            Tasks.mark(folder.resolve("go").toString());
            assertThat(job.get(300, TimeUnit.SECONDS)).containsExactlyInAnyOrder(0, 1);
            Eventually.becomesSlowly("a third one", () -> HighpageDriver.notes().opened() == 3);
            assertThat(HighpageDriver.notes().leaks()).isZero();
        }
    }

    @Test
    void executorThatIsToldToEnd_tellsOfItsTasksAsUnfinished() throws Exception {
        try (JavaSparkContext spark = new JavaSparkContext(CLUSTER.conf("term"))) {
            SparkCluster.awaitExecutors(2);
            JavaFutureAction<List<Integer>> job = twoThatGoOn(spark);
            ProcessHandle victim = CLUSTER.executors().getFirst();
            victim.destroy();
            victim.onExit().get(60, TimeUnit.SECONDS);
            Eventually.becomesSlowly(
                    "an end that was told",
                    () -> !HighpageDriver.notes().last(Report.Closed.class).isEmpty());
            Tasks.mark(folder.resolve("go").toString());
            assertThat(job.get(300, TimeUnit.SECONDS)).containsExactlyInAnyOrder(0, 1);
            assertThat(HighpageDriver.notes()
                            .last(Report.Closed.class)
                            .getFirst()
                            .unfinished())
                    .singleElement()
                    .asString()
                    .startsWith("stage ");
            assertThat(HighpageDriver.notes().leaks()).isZero();
        }
    }

    /** Spark's own retry does the task again elsewhere; here there is no device that works. */
    @Test
    void executorWhoseDeviceIsLost_tellsAndEndsWithItsOwnStatus() {
        SparkConf conf = CLUSTER.conf("lost")
                .set("spark.highpage.device", "losing:0")
                .set("spark.task.maxFailures", "1");
        List<String> ends = new CopyOnWriteArrayList<>();
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            spark.sc().addSparkListener(new SparkListener() {
                @Override
                public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
                    ends.add(event.reason());
                }
            });
            SparkCluster.awaitExecutors(2);
            assertThatThrownBy(() -> spark.parallelize(List.of(1), 1)
                            .foreach(ignored -> Tasks.takeAndForget()))
                    .hasMessageContaining("injected: device lost");
            Eventually.becomesSlowly("an executor that ends", () -> !ends.isEmpty());
            assertThat(ends.getFirst()).contains("20");
            assertThat(HighpageDriver.notes().last(Report.Lost.class))
                    .singleElement()
                    .satisfies(lost -> assertThat(lost.reason()).contains("injected: device lost"));
        }
    }

    @Test
    void executorsWithoutThePlugin_stopTheApplicationToo() {
        String path = Arrays.stream(JavaProcess.classPath().split(File.pathSeparator))
                .filter(each -> !each.matches(".*/spark/target/(test-)?classes/?"))
                .collect(Collectors.joining(File.pathSeparator));
        SparkConf conf = CLUSTER.conf("without").set("spark.executor.extraClassPath", path);
        assertStopsWithoutAWord(conf);
    }

    @Test
    void executorsOfAnOlderJava_stopTheApplicationToo() {
        Path java = Path.of("/usr/lib/jvm/java-17-openjdk-amd64");
        assumeTrue(Files.exists(java.resolve("bin/java")), "no older Java in " + java);
        assertStopsWithoutAWord(
                CLUSTER.conf("older").set("spark.executorEnv.JAVA_HOME", java.toString()));
    }

    private static void assertStopsWithoutAWord(SparkConf conf) {
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            assertThatThrownBy(() -> spark.parallelize(List.of(1)).count())
                    .hasMessageContaining("3 have failed, and none has succeeded: it ended before"
                            + " Highpage's plugin could tell why")
                    .hasMessageContaining("a Java older than 25");
            SparkCluster.awaitStop(spark);
        }
    }

    /** Starts two tasks that have memory, and go on until there is a file {@code go}. */
    private JavaFutureAction<List<Integer>> twoThatGoOn(JavaSparkContext spark) {
        String place = folder.toString();
        JavaFutureAction<List<Integer>> job = spark.parallelize(List.of(0, 1), 2)
                .map(each -> Tasks.workUntilToldToGo(place, each))
                .collectAsync();
        Eventually.becomesSlowly(
                "two tasks under way",
                () -> Files.exists(folder.resolve("task0"))
                        && Files.exists(folder.resolve("task1")));
        return job;
    }
}
