// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.spark.demo.LoopbackCluster;
import io.highpage.spark.demo.RunFolder;
import io.highpage.testkit.Eventually;
import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A real standalone cluster on loopback: a master and two workers of two cores, processes of their
 * own, that start with the first test class which needs them and end after the last one. Each
 * worker has half of the first OpenCL device as Spark's resource {@code gpu}.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final SparkCluster CLUSTER = new SparkCluster();
 * }</pre>
 *
 * Test classes are also loaded in executors, where this does nothing.
 */
final class SparkCluster implements BeforeAllCallback {
    /** The bytes of device memory of an executor, unless a test says otherwise. */
    static final long DEVICE_BYTES = 64L << 20;

    private Processes processes;

    @Override
    public void beforeAll(ExtensionContext context) {
        RequireOpenCl.check();
        processes = context.getRoot()
                .getStore(Namespace.create(SparkCluster.class))
                .getOrComputeIfAbsent(
                        Processes.class, ignored -> Processes.start(), Processes.class);
    }

    /** {@return settings of an application with the plugin and two executors of a core each} */
    SparkConf conf(String name) {
        return standalone(name)
                .set("spark.plugins", HighpagePlugin.class.getName())
                .set("spark.executorEnv.LD_PRELOAD", libjsig())
                .set("spark.highpage.device", "opencl:0")
                .set("spark.highpage.deviceMemory", Long.toString(DEVICE_BYTES));
    }

    /** {@return the same without anything of Highpage} */
    SparkConf standalone(String name) {
        return local(name)
                .setMaster(processes.cluster.masterUrl())
                .set("spark.cores.max", "2")
                .set("spark.executor.cores", "1")
                .set("spark.executor.memory", "512m")
                .set("spark.executor.extraClassPath", JavaProcess.classPath())
                .set(
                        "spark.executor.extraJavaOptions",
                        "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dhighpage.mxbean=false"
                                + " -Dhighpage.cache=" + System.getProperty("highpage.cache"));
    }

    /** {@return settings of an application in this process, without anything of Highpage} */
    static SparkConf local(String name) {
        return new SparkConf(false)
                .setMaster("local[2]")
                .setAppName(name)
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                // Where a plugin refuses to start, Spark's heart goes on beating, and ends the
                // process after 60 times without an answer: this one, ten minutes later.
                .set("spark.executor.heartbeat.maxFailures", "2147483647")
                .set("spark.ui.enabled", "false");
    }

    static String libjsig() {
        return Path.of(System.getProperty("java.home"), "lib", "libjsig.so").toString();
    }

    /** Waits until executors have their runtimes. */
    static void awaitExecutors(int count) {
        Eventually.becomesSlowly(
                count + " executors", () -> HighpageDriver.notes().open().size() == count);
    }

    /** Waits until the plugin has stopped an application, whole, so that the next can start. */
    static void awaitStop(JavaSparkContext spark) {
        Eventually.becomesSlowly(
                "a stop",
                () -> spark.sc().isStopped() && !Eventually.hasThread(HighpageDriver.STOPPER));
    }

    /** {@return the executors of all applications that run now} */
    List<ProcessHandle> executors() {
        return processes.cluster.executors();
    }

    /** {@return what the executors of all applications have said, for messages of failures} */
    String executorLogs() {
        try (Stream<Path> files = Files.walk(processes.folder.path())) {
            return files.filter(file -> file.endsWith("stderr"))
                    .sorted()
                    .map(file -> "== " + file + "\n" + read(file))
                    .collect(Collectors.joining());
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    /** The master and the workers, and where they write. */
    private record Processes(RunFolder folder, LoopbackCluster cluster) implements AutoCloseable {
        static Processes start() {
            try {
                RunFolder folder = RunFolder.make(
                        Path.of(System.getProperty("java.io.tmpdir")), "highpage spark tests");
                return new Processes(
                        folder,
                        LoopbackCluster.start(
                                folder.path(),
                                List.of(worker("opencl:0/2#1"), worker("opencl:0/2#2"))));
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            } catch (InterruptedException ended) {
                throw new IllegalStateException(ended);
            }
        }

        private static LoopbackCluster.Worker worker(String device) {
            return new LoopbackCluster.Worker(2, "2g", List.of(device));
        }

        @Override
        public void close() throws IOException {
            cluster.close();
            folder.close();
        }
    }
}
