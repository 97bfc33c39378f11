// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.spark.HighpagePlugin;
import io.highpage.spark.demo.LoopbackCluster;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.Success$;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * An application of Spark with the plugin, and notes of its tasks. One at a time in a process.
 * Confined to one thread, but for the notes.
 */
final class Application implements AutoCloseable {
    static final int WORKERS = 2;
    private static final Duration START = Duration.ofMinutes(3);

    private final JavaSparkContext spark;
    private final Supplier<List<ProcessHandle>> executors;
    private final AtomicLong failedTasks = new AtomicLong();
    private final AtomicLong longestTask = new AtomicLong();

    private Application(SparkConf conf, Supplier<List<ProcessHandle>> executors) {
        this.executors = executors;
        spark = new JavaSparkContext(conf);
        spark.sc().addSparkListener(new SparkListener() {
            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                if (end.reason() != Success$.MODULE$) {
                    failedTasks.incrementAndGet();
                }
                longestTask.accumulateAndGet(end.taskInfo().duration(), Math::max);
            }
        });
    }

    /** {@return what the cluster's workers offer, of which applications take one core or both} */
    static List<LoopbackCluster.Worker> workers() {
        return Collections.nCopies(WORKERS, new LoopbackCluster.Worker(2, "1200m", List.of()));
    }

    /**
     * Starts one, with an executor on each worker of a cluster, and waits until they are there.
     *
     * @param slots how many tasks of an executor run at the same time
     * @param deviceBytes the device memory of each
     */
    static Application on(LoopbackCluster cluster, int slots, String device, long deviceBytes)
            throws IOException {
        SparkConf conf = conf(device, deviceBytes)
                .setMaster(cluster.masterUrl())
                .set("spark.executor.cores", Integer.toString(slots))
                .set("spark.cores.max", Integer.toString(slots * WORKERS))
                .set("spark.executor.memory", "1g")
                .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .set(
                        "spark.executorEnv.LD_PRELOAD",
                        Path.of(System.getProperty("java.home"), "lib", "libjsig.so")
                                .toString());
        Application started = new Application(conf, cluster::executors);
        try {
            started.awaitExecutors(WORKERS);
            return started;
        } catch (IOException | RuntimeException e) {
            started.close();
            throw e;
        }
    }

    /** Starts one whose tasks run in this process, as many at a time as there are processors. */
    static Application inThisProcess(String device, long deviceBytes) {
        return new Application(
                conf(device, deviceBytes).setMaster("local[*]"),
                () -> List.of(ProcessHandle.current()));
    }

    private static SparkConf conf(String device, long deviceBytes) {
        return new SparkConf(false)
                .setAppName("highpage bench spark")
                .set("spark.plugins", HighpagePlugin.class.getName())
                .set("spark.highpage.device", device)
                .set("spark.highpage.deviceMemory", Long.toString(deviceBytes))
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.ui.enabled", "false");
    }

    JavaSparkContext spark() {
        return spark;
    }

    /** Waits until tasks run in so many executors: also after one was killed. */
    void awaitExecutors(int count) throws IOException {
        List<Integer> tasks = IntStream.range(0, 4 * count).boxed().toList();
        long start = System.nanoTime();
        while (spark.parallelize(tasks, tasks.size())
                        .map(new WhichExecutor())
                        .distinct()
                        .count()
                < count) {
            if (System.nanoTime() - start > START.toNanos()) {
                throw new IOException("there are less than " + count + " executors after "
                        + START.toSeconds() + " s");
            }
        }
    }

    /** Takes so long that another executor has time to take the next. */
    private static final class WhichExecutor implements Function<Integer, String> {
        private static final long serialVersionUID = 1;

        @Override
        public String call(Integer task) throws InterruptedException {
            Thread.sleep(20);
            return SparkEnv.get().executorId();
        }
    }

    /** {@return the processor time that the executors have taken, in nanoseconds, all threads} */
    double processorNanos() {
        return executors.get().stream()
                .mapToLong(each ->
                        each.info().totalCpuDuration().map(Duration::toNanos).orElse(0L))
                .sum();
    }

    /** {@return how many tasks failed or were lost until now} */
    long failedTasks() {
        settle();
        return failedTasks.get();
    }

    /** {@return the longest task since the last call, in nanoseconds} */
    double longestTask() {
        settle();
        return longestTask.getAndSet(0) * 1e6;
    }

    /** Has Spark tell what it has to tell. */
    private void settle() {
        try {
            spark.sc().listenerBus().waitUntilEmpty();
        } catch (TimeoutException late) {
            throw new IllegalStateException("Spark does not tell how tasks ended", late);
        }
    }

    @Override
    public void close() {
        spark.stop();
    }
}
