// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.spark.Tasks.State;
import io.highpage.testkit.Eventually;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Columns in executors of a real cluster. */
class ColumnsOnClusterTest {
    private static final int ROWS = 200_000;

    @RegisterExtension
    static final SparkCluster CLUSTER = new SparkCluster();

    @TempDir
    private Path folder;

    @Test
    void anExecutorThatIsKilledInTheMiddleChangesNoSum() throws Exception {
        try (SparkSession spark = session(CLUSTER.conf("killed columns"))) {
            SparkCluster.awaitExecutors(2);
            String input = Numbers.write(folder.resolve("x"), 0, ROWS).toString();
            String marks = Files.createDirectory(folder.resolve("marks")).toString();
            CompletableFuture<Double> sum = CompletableFuture.supplyAsync(() -> Numbers.twice(spark)
                    .load(input)
                    .as(Encoders.FLOAT())
                    .map(
                            (MapFunction<Float, Float>) y -> Numbers.holdOn(y, marks),
                            Encoders.FLOAT())
                    .agg(functions.sum("value"))
                    .first()
                    .getDouble(0));
            Eventually.becomes("a task in the middle", () -> Files.exists(Path.of(marks, "there")));
            CLUSTER.executors().forEach(ProcessHandle::destroyForcibly);
            Files.createFile(Path.of(marks, "go"));
            assertThat(sum.get(300, TimeUnit.SECONDS)).isEqualTo(Numbers.twiceSum(ROWS));
        }
    }

    @Test
    void manyQueriesLeaveExecutorsAsTheyWere() throws IOException {
        try (SparkSession spark = session(CLUSTER.conf("columns"))) {
            SparkCluster.awaitExecutors(2);
            JavaSparkContext tasks = JavaSparkContext.fromSparkContext(spark.sparkContext());
            String input = Numbers.write(folder.resolve("x"), 0, ROWS).toString();
            query(spark, input); // whatever is made once
            Map<String, State> before = withIdlePipes(spark, tasks, input);
            for (int i = 0; i < 5; i++) {
                query(spark, input);
            }
            Map<String, State> after = withIdlePipes(spark, tasks, input);
            before.forEach((executor, state) -> {
                State now = after.get(executor);
                assertThat(now.holders()).isEqualTo(state.holders());
                assertThat(now.buffers()).isEqualTo(state.buffers());
                assertThat(now.files()).isEqualTo(state.files());
                assertThat(now.locked()).isEqualTo(state.locked());
                assertThat(now.used()).isEqualTo(state.used());
            });
            assertThat(HighpageDriver.notes().leaks()).isZero();
        }
    }

    /** What executors have when each has a pipe that waits: one that fails leaves none. */
    private static Map<String, State> withIdlePipes(
            SparkSession spark, JavaSparkContext tasks, String input) {
        Map<String, State> states = new TreeMap<>();
        Eventually.becomesSlowly("an idle pipe in each executor", () -> {
            sum(spark, input);
            states.putAll(Tasks.onEach(tasks, 2, ignored -> State.here()));
            return states.values().stream().allMatch(state -> state.holders() > 0);
        });
        return states;
    }

    private static void sum(SparkSession spark, String input) {
        assertThat(Numbers.twice(spark)
                        .load(input)
                        .agg(functions.sum("y"))
                        .first()
                        .getDouble(0))
                .isEqualTo(Numbers.twiceSum(ROWS));
    }

    private static void query(SparkSession spark, String input) {
        sum(spark, input);
        assertThat(Numbers.twice(spark).load(input).limit(5).collectAsList()).hasSize(5);
        assertThatThrownBy(() -> Numbers.twice(spark)
                        .load(input)
                        .selectExpr("assert_true(y < 100)")
                        .collectAsList())
                .hasStackTraceContaining("is not true!");
    }

    @Test
    void aKernelThatDoesNotCompileFailsNoTask() throws IOException {
        try (SparkSession spark = session(CLUSTER.conf("bad kernel"))) {
            String input = Numbers.write(folder.resolve("x"), 0, 10).toString();
            assertThatThrownBy(() -> Numbers.twice(spark)
                            .option("source", "kernel void twice(global float *x) { nonsense; }")
                            .load(input))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("does not compile for device opencl:0")
                    .hasMessageContaining("nonsense");
            var stage = spark.sparkContext().statusTracker().getStageInfo(0).get();
            assertThat(stage.numCompletedTasks()).isOne();
            assertThat(stage.numFailedTasks()).isZero();
        }
    }

    @Test
    void withoutThePluginTheLineThatAddsItIsSaid() throws IOException {
        try (SparkSession spark = session(CLUSTER.standalone("no plugin"))) {
            String input = Numbers.write(folder.resolve("x"), 0, 10).toString();
            assertThatThrownBy(() -> Numbers.twice(spark).load(input))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(
                            "add --conf spark.plugins=" + HighpagePlugin.class.getName());
        }
    }

    private static SparkSession session(org.apache.spark.SparkConf conf) {
        return SparkSession.builder().config(conf).getOrCreate();
    }
}
