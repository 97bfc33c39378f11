// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.spark.Tasks.State;
import io.highpage.testkit.Eventually;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
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
import java.util.concurrent.ExecutionException;

/** What tasks take of a real executor, and what becomes of it when they end in some way. */
class TaskPagesTest {
    @RegisterExtension
    static final SparkCluster CLUSTER = new SparkCluster();

    private static JavaSparkContext spark;
    private static Map<String, State> fresh;

    @TempDir
    Path folder;

    private long leaksBefore;

    @BeforeAll
    static void start() {
        SparkConf conf = CLUSTER.conf("TaskPagesTest").set("spark.task.maxFailures", "1");
        spark = new JavaSparkContext(conf);
        SparkCluster.awaitExecutors(2);
        Tasks.onEach(
                spark,
                2,
                ignored -> { // what is loaded and opened once
                    Tasks.takeAndForget();
                    return State.here();
                });
        fresh = Tasks.onEach(spark, 2, ignored -> State.here());
    }

    @AfterAll
    static void stop() {
        if (spark != null) {
            spark.stop();
        }
    }

    @BeforeEach
    void look() {
        leaksBefore = HighpageDriver.notes().leaks();
    }

    /** Device memory, budgets, descriptors, page-locks. */
    @AfterEach
    void nothingIsLeft() {
        assertThat(Tasks.onEach(spark, 2, ignored -> State.here())).isEqualTo(fresh);
        assertThat(HighpageDriver.notes().open()).hasSize(2);
    }

    private JavaRDD<Integer> two() {
        return spark.parallelize(List.of(0, 1), 2);
    }

    private List<Report.Leak> leaks() {
        List<Report.Leak> all = HighpageDriver.notes().last(Report.Leak.class);
        return all.subList(
                all.size() - (int) (HighpageDriver.notes().leaks() - leaksBefore), all.size());
    }

    @Test
    void executor_hasOneRuntimeOnItsDeviceWithItsLimit_andOneThreadForCopies() {
        assertThat(fresh.values()).allSatisfy(state -> {
            assertThat(state.device()).isEqualTo("opencl:0");
            assertThat(state.limit()).isEqualTo(SparkCluster.DEVICE_BYTES);
            assertThat(state.threads()).isEqualTo(1);
            assertThat(state.buffers()).isZero();
            assertThat(state.budgets()).isZero();
        });
    }

    @Test
    void taskThatClosesWhatItTook_leavesNothingAndIsNotReported() {
        two().foreach(ignored -> Tasks.takeAndClose());
        assertThat(leaks()).isEmpty();
    }

    @Test
    void taskThatForgets_isReportedWithItsPlaces_andNothingStaysOpen() {
        two().foreach(ignored -> Tasks.takeAndForget());
        Eventually.becomesSlowly("two leaks", () -> leaks().size() == 2);
        assertThat(leaks()).allSatisfy(leak -> {
            assertThat(leak.who())
                    .matches("stage \\d+\\.0 partition [01] attempt 0 \\(tid \\d+\\)");
            assertThat(leak.left()).hasSize(4);
            assertThat(leak.left().toString())
                    .contains("access of bytes 0 to 4194304", "pin of bytes 0 to 4194304")
                    .contains("of 4194304 bytes, from ", "Tasks.takeAndForget(Tasks.java:");
        });
    }

    @Test
    void taskThatFails_leavesNothingAndIsNotReported() {
        assertThatThrownBy(() -> two().foreach(ignored -> {
                    Tasks.takeAndForget();
                    throw new IllegalArgumentException("the task's own mistake");
                }))
                .hasMessageContaining("the task's own mistake");
        Tasks.onEach(spark, 2, ignored -> 0); // what would be told has been told by then
        assertThat(leaks()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void taskThatIsKilled_leavesNothingAndIsNotReported(boolean byInterrupt) throws Exception {
        String file = folder.resolve("task").toString();
        spark.setJobGroup("killed", "to be killed", byInterrupt);
        JavaFutureAction<Void> job = two().foreachAsync(each -> {
            Tasks.takeAndForget();
            Tasks.mark(file + each);
            Tasks.untilKilled(byInterrupt);
        });
        spark.clearJobGroup();
        Eventually.becomesSlowly(
                "two tasks under way",
                () -> Files.exists(Path.of(file + 0)) && Files.exists(Path.of(file + 1)));
        spark.cancelJobGroup("killed");
        assertThatThrownBy(job::get).isInstanceOf(ExecutionException.class);
        Tasks.onEach(spark, 2, ignored -> 0);
        assertThat(leaks()).isEmpty();
    }

    @Test
    void pinTakenWithoutTheTask_keepsTheBufferOpen_andIsNamed() {
        two().foreach(ignored -> Tasks.pinElsewhere());
        Eventually.becomesSlowly("two leaks", () -> leaks().size() == 2);
        assertThat(leaks()).allSatisfy(leak -> {
            assertThat(leak.who()).contains("which cannot be closed");
            assertThat(leak.left().toString()).contains("wild");
        });
        Tasks.onEach(spark, 2, ignored -> Tasks.closeElsewhere());
    }

    @Test
    void leaks_areToldSixteenTimesAMinute_thenCounted() {
        spark.parallelize(java.util.stream.IntStream.range(0, 60).boxed().toList(), 60)
                .foreach(ignored -> Tasks.forgetLittle());
        Tasks.onEach(spark, 2, ignored -> 0);
        long told = HighpageDriver.notes().leaks() - leaksBefore;
        assertThat(told).isLessThanOrEqualTo(2 * LeakLimit.A_MINUTE);
    }

    @Test
    void task_hasTheSamePagesEachTime_untilItClosesThem() {
        assertThat(two().map(ignored -> Tasks.pagesTwice()).collect()).containsOnly("same, other");
    }

    @Test
    void threadWithoutATask_isToldWhatToDo() {
        assertThatThrownBy(TaskPages::ofThisTask)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this thread runs no task");
    }
}
