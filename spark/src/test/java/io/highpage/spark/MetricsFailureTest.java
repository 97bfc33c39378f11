// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Metrics that Spark does not take: the plugin works without them. */
class MetricsFailureTest {
    private final MetricRegistry registry = new MetricRegistry();
    private final Lines lines = new Lines();

    /** What the plugin's log says. */
    private static final class Lines extends AbstractAppender {
        private final List<String> all = new CopyOnWriteArrayList<>();

        Lines() {
            super("lines", null, null, true, Property.EMPTY_ARRAY);
        }

        @Override
        public void append(LogEvent event) {
            all.add(event.getLevel() + " " + event.getMessage().getFormattedMessage());
        }
    }

    private static Logger log() {
        return (Logger) LogManager.getLogger(HighpagePlugin.class);
    }

    @BeforeEach
    void listen() {
        lines.start();
        log().addAppender(lines);
    }

    @AfterEach
    void listenNoMore() {
        log().removeAppender(lines);
        lines.stop();
    }

    private static SparkConf conf() {
        return SparkCluster.local("metrics")
                .set("spark.plugins", HighpagePlugin.class.getName())
                .set("spark.highpage.device", "host")
                .set("spark.highpage.deviceMemory", "64m");
    }

    /** What Spark gives to a plugin in the driver's process, with the test's registry. */
    private record Context(SparkConf conf, MetricRegistry metricRegistry) implements PluginContext {
        @Override
        public String executorID() {
            return DriverLink.DRIVER;
        }

        @Override
        public String hostname() {
            return "localhost";
        }

        @Override
        public Map<String, ResourceInformation> resources() {
            return Map.of();
        }

        @Override
        public void send(Object message) {
            throw new AssertionError("is told in the same process: " + message);
        }

        @Override
        public Object ask(Object message) {
            throw new AssertionError("is told in the same process: " + message);
        }
    }

    @Test
    void nameThatIsTaken_isToldInTheLog_andTheExecutorStartsWithAllOthers() {
        Gauge<Long> stranger = () -> -1L;
        registry.register("room.bytes", stranger);
        try (JavaSparkContext spark = new JavaSparkContext(conf())) {
            HighpageExecutor executor = new HighpageExecutor();
            executor.init(new Context(spark.getConf(), registry), Map.of());
            assertThat(HighpageExecutor.current()).isSameAs(executor);
            assertThat(HighpageDriver.notes().failed()).isZero();
            spark.parallelize(List.of(1), 1).foreach(ignored -> Tasks.takeAndClose());
            executor.shutdown();
            assertThat(executor.isClosed()).isTrue();
        }
        assertThat(registry.getGauges())
                .containsEntry("room.bytes", stranger)
                .containsKeys("device.usedBytes", "pipes.made", "waits.millis");
        assertThat(lines.all).contains("WARN The metric room.bytes is not shown, all else goes on");
    }

    @Test
    void nameThatIsTaken_endsNoDriver() {
        registry.register("leaks", (Gauge<Long>) () -> -1L);
        try (JavaSparkContext spark = new JavaSparkContext(conf())) {
            HighpageDriver.here()
                    .registerMetrics("an application", new Context(spark.getConf(), registry));
        }
        assertThat(registry.getGauges())
                .containsOnlyKeys("executors.opened", "executors.failed", "leaks");
        assertThat(lines.all).contains("WARN The metric leaks is not shown, all else goes on");
    }
}
