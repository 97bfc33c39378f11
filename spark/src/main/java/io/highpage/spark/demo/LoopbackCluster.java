// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Spark's own master and workers as processes of this machine, with this process's class path. Each
 * has a loopback address of its own, since Spark makes no two attempts of a task on one host. They
 * end with this process. Applications name that class path as
 * {@code spark.executor.extraClassPath}. Thread-safe.
 */
public final class LoopbackCluster implements AutoCloseable {
    private static final Pattern MASTER =
            Pattern.compile("Starting Spark master at (spark://\\S+)");
    private static final Pattern WORKER = Pattern.compile("Registering worker ");
    private static final String EXECUTOR = "org.apache.spark.executor.CoarseGrainedExecutorBackend";
    private static final Duration START = Duration.ofMinutes(10);
    private static final Duration STOP = Duration.ofSeconds(10);

    private final Path folder;
    private final List<Process> processes = Collections.synchronizedList(new ArrayList<>());
    private String masterUrl = "";

    /**
     * What a worker offers to applications.
     *
     * @param cores how many tasks all of its executors run at the same time
     * @param memory for executors, such as {@code 600m}
     * @param devices addresses of Spark's resource {@code gpu}, such as {@code opencl:0/2#1}; may
     *     be empty
     */
    public record Worker(int cores, String memory, List<String> devices) {
        /** Makes one. */
        public Worker {
            devices = List.copyOf(devices);
        }
    }

    private LoopbackCluster(Path folder) {
        this.folder = folder;
    }

    /**
     * Starts a cluster and waits until its workers are there.
     *
     * @param folder for logs, and what workers need; the caller's to remove
     * @param workers what each offers, at least one
     * @return the cluster
     * @throws IOException if a process does not start; names its log
     * @throws InterruptedException if this thread is interrupted; nothing runs then
     */
    public static LoopbackCluster start(Path folder, List<Worker> workers)
            throws IOException, InterruptedException {
        LoopbackCluster cluster = new LoopbackCluster(folder);
        try {
            // Workers look for Spark's jars there; executors have those of the application.
            Files.createDirectories(folder.resolve("home/jars"));
            cluster.startMaster();
            for (int i = 0; i < workers.size(); i++) {
                cluster.startWorker(i, workers.get(i));
            }
            cluster.await(WORKER, workers.size());
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    /** {@return what an application gives as its master} */
    public String masterUrl() {
        return masterUrl;
    }

    /** {@return the processes of executors that run now} */
    public List<ProcessHandle> executors() {
        return descendants().filter(LoopbackCluster::isExecutor).toList();
    }

    /**
     * Java itself tells of the first page of a command line only, which is less than a class path.
     */
    private static boolean isExecutor(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                    .contains(EXECUTOR);
        } catch (IOException gone) {
            return false;
        }
    }

    private void startMaster() throws IOException, InterruptedException {
        start("master", 1, List.of(), "org.apache.spark.deploy.master.Master", "--port", "0");
        masterUrl = await(MASTER, 1);
    }

    private void startWorker(int number, Worker worker) throws IOException {
        start(
                "worker-" + number,
                number + 2,
                resources(number, worker.devices()),
                "org.apache.spark.deploy.worker.Worker",
                "--cores",
                Integer.toString(worker.cores()),
                "--memory",
                worker.memory(),
                "--work-dir",
                folder.resolve("work-" + number).toString(),
                masterUrl);
    }

    /** {@return the options that tell a worker of its devices} */
    private List<String> resources(int number, List<String> devices) throws IOException {
        if (devices.isEmpty()) {
            return List.of();
        }
        Path file =
                Files.writeString(folder.resolve("resources-" + number + ".json"), """
                [{"id": {"componentName": "spark.worker", "resourceName": "gpu"},
                  "addresses": ["%s"]}]
                """.formatted(
                                String.join("\", \"", devices)));
        return List.of(
                "-Dspark.worker.resource.gpu.amount=" + devices.size(),
                "-Dspark.worker.resourcesFile=" + file);
    }

    private void start(
            String name, int host, List<String> options, String mainClass, String... arguments)
            throws IOException {
        String address = "127.0.0." + host;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(options);
        command.addAll(List.of(Tether.class.getName(), mainClass));
        command.addAll(List.of("--host", address, "--webui-port", "0"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log(name).toFile());
        // Applications say what their executors preload.
        builder.environment().remove("LD_PRELOAD");
        builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
        builder.environment().put("SPARK_LOCAL_IP", address);
        builder.environment().put("SPARK_SCALA_VERSION", "2.13"); // as its scripts do
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        processes.add(builder.start());
    }

    private Path log(String name) {
        return folder.resolve(name + ".log");
    }

    /** Waits until the master's log has something so many times, and returns what it is. */
    private String await(Pattern wanted, int times) throws IOException, InterruptedException {
        Path log = log("master");
        long start = System.nanoTime();
        while (System.nanoTime() - start < START.toNanos()) {
            List<String> found = wanted.matcher(Files.readString(log))
                    .results()
                    .map(one -> one.group(one.groupCount()))
                    .toList();
            if (found.size() >= times) {
                return found.getLast();
            }
            for (Process process : processes) {
                if (!process.isAlive()) {
                    throw new IOException("a process of the cluster ended at once: " + lastWords());
                }
            }
            Thread.sleep(50);
        }
        throw new IOException(
                "the cluster is not ready after " + START.toSeconds() + " s: " + lastWords());
    }

    /** {@return the end of each log} */
    private String lastWords() throws IOException {
        StringBuilder words = new StringBuilder();
        try (Stream<Path> logs = Files.list(folder)) {
            for (Path log : logs.filter(path -> path.toString().endsWith(".log"))
                    .sorted()
                    .toList()) {
                List<String> lines = Files.readAllLines(log);
                words.append('\n').append(log.getFileName()).append(":\n");
                words.append(String.join(
                        "\n", lines.subList(Math.max(0, lines.size() - 5), lines.size())));
            }
        }
        return words.toString();
    }

    private Stream<ProcessHandle> descendants() {
        return List.copyOf(processes).stream().flatMap(Process::descendants);
    }

    /** Stops all processes and those that they started; returns when they are gone. */
    @Override
    public void close() {
        List<ProcessHandle> all = new ArrayList<>(descendants().toList());
        List.copyOf(processes).forEach(process -> all.add(process.toHandle()));
        // Workers first: they would start executors again.
        Collections.reverse(all);
        all.forEach(ProcessHandle::destroy);
        for (ProcessHandle process : all) {
            if (!isGone(process)) {
                process.destroyForcibly();
            }
        }
    }

    private static boolean isGone(ProcessHandle process) {
        try {
            process.onExit().get(STOP.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } catch (Exception notYet) {
            return false;
        }
    }
}
