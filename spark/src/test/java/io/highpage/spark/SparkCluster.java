// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.spark.demo.Tether;
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
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    private static final String REGISTERED = "Registering worker ";

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
                .setMaster(processes.url)
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
        return processes.all.stream()
                .flatMap(each -> each.toHandle().children())
                .filter(SparkCluster::isExecutor)
                .toList();
    }

    /** {@return what the executors of all applications have said, for messages of failures} */
    String executorLogs() {
        return processes.logs("stderr");
    }

    /** ProcessHandle tells the first page of a command line only, less than a class path has. */
    private static boolean isExecutor(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                    .contains("ExecutorBackend");
        } catch (IOException gone) {
            return false;
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    /** The master and the workers. */
    private static final class Processes implements AutoCloseable {
        private final Path folder;
        private final List<Process> all = new ArrayList<>();
        private String url;

        private Processes(Path folder) {
            this.folder = folder;
        }

        static Processes start() {
            try {
                Processes started = new Processes(Files.createTempDirectory("highpage-spark"));
                try {
                    Files.createDirectories(started.folder.resolve("home/jars"));
                    started.startAll();
                    return started;
                } catch (IOException | RuntimeException | Error failed) {
                    String logs = started.logs(".log");
                    started.close();
                    throw new IllegalStateException("the cluster does not start\n" + logs, failed);
                }
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        private String logs(String ending) {
            try (Stream<Path> files = Files.walk(folder)) {
                return files.filter(file -> file.toString().endsWith(ending))
                        .sorted()
                        .map(file -> "== " + file + "\n" + read(file))
                        .collect(Collectors.joining());
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        }

        private void startAll() throws IOException {
            int port = freePort();
            url = "spark://127.0.0.1:" + port;
            Path log = folder.resolve("master.log");
            run(
                    log,
                    List.of("-Dspark.master.rest.enabled=false"),
                    "org.apache.spark.deploy.master.Master",
                    "--port",
                    port);
            for (int worker = 1; worker <= 2; worker++) { // at once: they try again and again
                startWorker(worker, url);
            }
            Eventually.becomesSlowly(
                    "two workers", () -> read(log).split(REGISTERED, -1).length > 2);
        }

        private static int freePort() throws IOException {
            try (ServerSocket socket = new ServerSocket(0)) {
                return socket.getLocalPort();
            }
        }

        private void startWorker(int number, String master) throws IOException {
            Path resources = folder.resolve("resources" + number + ".json");
            Files.writeString(
                    resources,
                    "[{\"id\":{\"componentName\":\"spark.worker\",\"resourceName\":\"gpu\"},"
                            + "\"addresses\":[\"opencl:0/2#" + number + "\"]}]");
            run(
                    folder.resolve("worker" + number + ".log"),
                    List.of(
                            "-Dspark.worker.resource.gpu.amount=1",
                            "-Dspark.worker.resourcesFile=" + resources),
                    "org.apache.spark.deploy.worker.Worker",
                    "--cores",
                    "2",
                    "--memory",
                    "2g",
                    "--work-dir",
                    folder.resolve("work" + number),
                    master);
        }

        private void run(Path log, List<String> options, String main, Object... arguments)
                throws IOException {
            List<String> java = new ArrayList<>(
                    List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
            java.addAll(options);
            List<Object> words =
                    new ArrayList<>(List.of(main, "--host", "127.0.0.1", "--webui-port", "0"));
            words.addAll(List.of(arguments));
            ProcessBuilder builder = JavaProcess.of(java, Tether.class, words.toArray())
                    .redirectOutput(log.toFile());
            builder.environment().remove("LD_PRELOAD"); // executors say whether they have it
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
            builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
            builder.environment().put("SPARK_SCALA_VERSION", "2.13"); // nobody's build folder
            all.add(builder.start());
        }

        /** Ends every process, and every executor. */
        @Override
        public void close() {
            List<ProcessHandle> handles = all.stream()
                    .flatMap(each -> Stream.concat(each.descendants(), Stream.of(each.toHandle())))
                    .toList();
            handles.forEach(ProcessHandle::destroyForcibly);
            handles.forEach(each -> each.onExit().join());
            delete();
        }

        private void delete() {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file :
                        files.sorted((one, other) -> other.compareTo(one)).toList()) {
                    Files.deleteIfExists(file);
                }
            } catch (IOException stays) {
                throw new UncheckedIOException(stays);
            }
        }
    }
}
