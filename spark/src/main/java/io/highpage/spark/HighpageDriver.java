// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import com.codahale.metrics.MetricRegistry;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The half of the plugin in the driver: takes notes of what executors tell, and stops an
 * application whose executors cannot start. Spark calls it from several threads. Thread-safe.
 */
final class HighpageDriver implements DriverPlugin {
    private static final Logger LOG = LoggerFactory.getLogger(HighpagePlugin.class);

    /** The thread that stops an application. */
    static final String STOPPER = "highpage-stop";

    private static volatile @Nullable HighpageDriver latest;

    // Set by init, before any executor tells anything.
    private @Nullable SparkContext application;
    private @Nullable ExecutorNotes notes;

    /**
     * {@return what is known of the executors of this process's application, or of its last one}
     *
     * @throws IllegalStateException if none had the plugin; says what to do
     */
    static ExecutorNotes notes() {
        return here().taken();
    }

    /** {@return this process's, for an executor in the same process too} */
    static HighpageDriver here() {
        @Nullable HighpageDriver there = latest;
        if (there == null) {
            throw new IllegalStateException("Highpage's plugin is not in this driver: add --conf"
                    + " spark.plugins=" + HighpagePlugin.class.getName());
        }
        return there;
    }

    @Override
    public Map<String, String> init(SparkContext context, PluginContext plugin) {
        SparkVersions.check();
        checkNamedOnce(plugin.conf());
        application = context;
        notes = new ExecutorNotes(Settings.of(plugin.conf()).failures());
        latest = this;
        context.addSparkListener(new Removals());
        return Map.of();
    }

    /** Executors that end without a word. */
    private final class Removals extends SparkListener {
        private final Map<String, String> hosts = new ConcurrentHashMap<>();

        @Override
        public void onExecutorAdded(SparkListenerExecutorAdded event) {
            hosts.put(event.executorId(), event.executorInfo().executorHost());
        }

        @Override
        public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
            @Nullable String host = hosts.remove(event.executorId());
            taken().removed(
                            event.executorId(),
                            host == null ? "an unknown machine" : host,
                            event.reason())
                    .ifPresent(HighpageDriver.this::stop);
        }
    }

    private static void checkNamedOnce(SparkConf conf) {
        String name = HighpagePlugin.class.getName();
        String plugins = conf.get("spark.plugins", "");
        long times = Arrays.stream(plugins.split(","))
                .filter(each -> each.strip().equals(name))
                .count();
        if (times > 1) {
            throw new IllegalArgumentException("spark.plugins=" + plugins + " names " + name + " "
                    + times + " times: name it once");
        }
    }

    @Override
    public void registerMetrics(String appId, PluginContext plugin) {
        ExecutorNotes taken = taken();
        MetricRegistry registry = plugin.metricRegistry();
        Counters.show(registry, "executors.opened", taken::opened);
        Counters.show(registry, "executors.failed", taken::failed);
        Counters.show(registry, "leaks", taken::leaks);
    }

    @Override
    public @Nullable Object receive(Object message) {
        if (!(message instanceof Report report)) {
            throw new IllegalArgumentException("an executor has another version of Highpage: "
                    + message.getClass().getName());
        }
        log(report);
        taken().add(report).ifPresent(this::stop);
        return null;
    }

    private static void log(Report report) {
        String text = "Executor " + report.executor() + inWords(report);
        switch (report) {
            case Report.Opened opened -> LOG.info(text);
            case Report.Closed closed -> LOG.info(text);
            case Report.Leak leak -> LOG.warn(text);
            case Report.Failed failed -> LOG.error(text);
            case Report.Lost lost -> LOG.error(text);
        }
    }

    private static String inWords(Report report) {
        return switch (report) {
            case Report.Opened it ->
                " on " + it.host() + " has the device " + it.device()
                        + ", of which its tasks share " + it.limitBytes() + " bytes";
            case Report.Failed it -> " on " + it.host() + " cannot start: " + it.reason();
            case Report.Leak it ->
                ": LEAK: " + it.who() + " left open: " + it.left() + untold(it.untold());
            case Report.Lost it -> " has lost its device, in " + it.who() + ": " + it.reason();
            case Report.Closed it ->
                " ends"
                        + (it.unfinished().isEmpty()
                                ? ""
                                : "; unfinished, no leaks: " + it.unfinished())
                        + untold(it.untoldLeaks());
        };
    }

    private static String untold(long leaks) {
        return leaks == 0 ? "" : "; leaks since the last report that were not told: " + leaks;
    }

    /** On a thread of its own: this one brings the messages that the stop waits for. */
    private void stop(String reason) {
        LOG.error("Stopping the application: {}", reason);
        SparkContext context = there(application);
        Thread.Builder stopper = Thread.ofPlatform()
                .daemon()
                .name(STOPPER)
                .inheritInheritableThreadLocals(false); // by one Spark knows its listeners' thread
        stopper.start(() -> {
            for (int job : context.statusTracker().getActiveJobIds()) {
                context.cancelJob(job, reason);
            }
            context.stop(1);
        });
    }

    private ExecutorNotes taken() {
        return there(notes);
    }

    private static <T> T there(@Nullable T field) {
        if (field == null) {
            throw new IllegalStateException("the plugin of this driver has not been opened");
        }
        return field;
    }
}
