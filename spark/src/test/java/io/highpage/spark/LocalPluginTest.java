// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.MetricRegistry;

import io.highpage.pipe.PipePool;
import io.highpage.pipe.PipeShape;
import io.highpage.testkit.Eventually;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.metrics.source.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The plugin in one process, {@code local[2]}, on the host's device. */
class LocalPluginTest {
    private static SparkConf conf() {
        return SparkCluster.local("local")
                .set("spark.plugins", HighpagePlugin.class.getName())
                .set("spark.highpage.device", "host")
                .set("spark.highpage.deviceMemory", "64m");
    }

    @Test
    void contexts_oneAfterTheOther_eachHaveARuntime() {
        for (int round = 0; round < 2; round++) {
            try (JavaSparkContext spark = new JavaSparkContext(conf())) {
                List<String> devices = spark.parallelize(List.of(1, 2), 2)
                        .map(ignored -> {
                            Tasks.takeAndClose();
                            return TaskPages.ofThisTask().device().name();
                        })
                        .collect();
                assertThat(devices).containsOnly("host");
                assertThat(HighpageDriver.notes().opened()).isOne();
            }
            assertThat(HighpageDriver.notes().last(Report.Closed.class)).hasSize(1);
            assertThatThrownBy(HighpageExecutor::current)
                    .hasMessageContaining("add --conf spark.plugins=io.highpage.spark");
        }
    }

    /** They have pins. */
    @Test
    void pipesThatWaitToBeUsed_areNoLeaksAtTheEnd() throws Exception {
        try (JavaSparkContext spark = new JavaSparkContext(conf())) {
            PipePool pool = HighpageExecutor.current().device().pool();
            pool.lease(new PipeShape(1, 1, 1 << 20, 2), "a task", Duration.ZERO).close();
            assertThat(pool.idlePipes()).isOne();
            assertThat(spark.sc().isStopped()).isFalse();
        }
        Eventually.becomes(
                "an executor that has told of its end",
                () -> !HighpageDriver.notes().last(Report.Closed.class).isEmpty());
        assertThat(HighpageDriver.notes().last(Report.Leak.class)).isEmpty();
    }

    /** As when a program calls exit() in the middle of a job. */
    @Test
    void contextThatStopsWhileATaskRuns_leavesTheTaskItsMemory() {
        JavaSparkContext spark = new JavaSparkContext(conf());
        HighpageExecutor executor = HighpageExecutor.current();
        spark.parallelize(List.of(1), 1).foreachAsync(ignored -> Tasks.outlive());
        Tasks.awaitOutliving();
        spark.stop();
        assertThat(HighpageDriver.notes().last(Report.Closed.class).getFirst().unfinished())
                .singleElement()
                .asString()
                .startsWith("stage 0.0 partition 0 attempt 0");
        assertThat(executor.device().runtime().buffers()).hasSize(1);
        Tasks.endOutliving();
        Eventually.becomes("a runtime that is closed by the last task", executor::isClosed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spark.highpage.deviceMemory | lots | deviceMemory=lots: must be bytes",
                "spark.highpage.devicememory | 8g | devicememory: there is no such setting",
                "spark.highpage.device | opencl:0/0 | has 0 shares",
                "spark.highpage.device | opencl:99 | no device 'opencl:99': there is ",
                "spark.highpage.deviceMemory | 900t | has ",
                "spark.plugins | io.highpage.spark.HighpagePlugin,io.highpage.spark.HighpagePlugin"
                        + " | 2 times: name it once",
            })
    void mistake_endsTheStartWithItsReason(String key, String value, String reason) {
        SparkConf conf = conf().set(key, value);
        assertThatThrownBy(() -> new JavaSparkContext(conf).close())
                .hasStackTraceContaining(reason);
    }

    @Test
    void deviceThatIsLost_stopsTheApplicationAndNotTheProcess() {
        SparkConf conf = conf().set("spark.highpage.device", "losing:0");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            assertThatThrownBy(() -> spark.parallelize(List.of(1), 1)
                            .foreach(ignored -> Tasks.takeAndForget()))
                    .hasMessageContaining("injected: device lost");
            SparkCluster.awaitStop(spark);
            assertThat(HighpageDriver.notes().stopReason()).contains("injected: device lost");
            assertThatThrownBy(() -> DeviceJobs.map(
                            spark, List.of(), "/nowhere", JobFiles.steps(1), JobOptions.defaults()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the application was stopped by the plugin: ")
                    .hasMessageContaining("injected: device lost");
        }
    }

    @Test
    void counters_areMetricsOfSpark() {
        try (JavaSparkContext spark = new JavaSparkContext(conf())) {
            spark.parallelize(List.of(1), 1).foreach(ignored -> Tasks.takeAndForget());
            Map<String, Object> values = new TreeMap<>();
            for (Source source : scala.jdk.javaapi.CollectionConverters.asJava(SparkEnv.get()
                    .metricsSystem()
                    .getSourcesByName("plugin." + HighpagePlugin.class.getName()))) {
                MetricRegistry registry = source.metricRegistry();
                registry.getGauges().forEach((name, gauge) -> values.put(name, gauge.getValue()));
            }
            assertThat(values)
                    .containsEntry("room.bytes", 64L << 20)
                    .containsEntry("room.reservedBytes", 0L)
                    .containsEntry("pipes.leased", 0L)
                    .containsEntry("moved.toDeviceBytes", Tasks.BYTES)
                    .containsEntry("device.usedBytes", 0L)
                    .containsEntry("executors.opened", 1L)
                    .containsEntry("leaks", 1L);
        }
    }
}
