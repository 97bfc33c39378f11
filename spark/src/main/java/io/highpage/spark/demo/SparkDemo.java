// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark.demo;

import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.spark.DeviceJobs;
import io.highpage.spark.DeviceKernel;
import io.highpage.spark.FileRange;
import io.highpage.spark.HighpagePlugin;
import io.highpage.spark.JobOptions;
import io.highpage.spark.JobOutput;
import io.highpage.spark.JobResult;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code highpage spark-demo}: starts a master and two workers, runs a kernel over files, kills an
 * executor in the middle, and compares all bytes with what plain Java comes to. Whatever happens,
 * what it started is stopped and what it made is removed.
 */
public final class SparkDemo {
    private static final String HELP = """
            Usage: highpage spark-demo
            Start a Spark master and two workers on this machine, run a kernel over files, kill an
            executor in the middle, compare all bytes with what plain Java comes to, and remove
            everything. Takes about half a minute, 1.5 GiB of memory and 70 MB in the folder for
            temporary files (java.io.tmpdir, TMPDIR). Needs an OpenCL driver.
              -h, --help            Show this help message and exit.
            """;

    private static final String NAME = "highpage spark-demo";
    private static final LoopbackCluster.Worker WORKER =
            new LoopbackCluster.Worker(1, "600m", List.of());
    private static final int RANGE_BYTES = 2 << 20;
    private static final int RANGES = DemoFiles.FILES * (DemoFiles.FILE_BYTES / RANGE_BYTES);
    private static final int KILL_AFTER = RANGES / 5;

    private final PrintStream out;
    private final DemoFiles files;

    private SparkDemo(PrintStream out, Path folder) {
        this.out = out;
        this.files = new DemoFiles(folder.resolve("in"), folder.resolve("out"));
    }

    /**
     * Runs the demo.
     *
     * @param arguments none, or {@code --help}
     */
    public static void main(String... arguments) {
        System.exit(run(arguments));
    }

    private static int run(String... arguments) {
        if (arguments.length > 0) {
            boolean help = List.of("-h", "--help").contains(arguments[0]);
            (help ? System.out : System.err).print(HELP);
            return help ? 0 : 2;
        }
        Optional<DeviceInfo> device = openCl();
        if (device.isEmpty()) {
            System.err.println(NAME + ": no OpenCL device, and kernels need one. On"
                    + " Debian: apt-get install pocl-opencl-icd; 'highpage doctor' says more");
            return 1;
        }
        RunFolder folder = null;
        try {
            folder = RunFolder.make(Path.of(System.getProperty("java.io.tmpdir")), NAME);
            show(folder);
            return 0;
        } catch (Exception failed) {
            if (folder == null || !folder.isEnding()) { // else somebody wants it to end
                System.err.println(NAME + ": failed: " + failed.getMessage());
                failed.printStackTrace();
            }
            return 1;
        }
    }

    private static Optional<DeviceInfo> openCl() {
        return Devices.find().stream()
                .filter(device -> device.name().startsWith("opencl"))
                .findFirst();
    }

    private static void show(RunFolder folder) throws Exception {
        try (folder) {
            folder.keepLog();
            new SparkDemo(System.out, folder.path()).show(folder.path());
        }
        System.out.println("Stopped all processes and removed all files");
    }

    private void show(Path folder) throws Exception {
        say("Files: " + DemoFiles.FILES + " of " + mebibytes(DemoFiles.FILE_BYTES) + " in "
                + folder);
        List<Path> inputs = files.make();
        try (LoopbackCluster cluster = LoopbackCluster.start(folder, List.of(WORKER, WORKER))) {
            say("Cluster: " + cluster.masterUrl() + " with two workers, an executor each");
            work(cluster, inputs);
        }
        say("Bytes: all " + String.format(Locale.ROOT, "%,d", files.verify(inputs))
                + " are those that plain Java comes to");
    }

    private void work(LoopbackCluster cluster, List<Path> inputs) throws Exception {
        List<FileRange> ranges = new ArrayList<>();
        for (Path input : inputs) {
            ranges.addAll(FileRange.cut(input, RANGE_BYTES));
        }
        say("Job: kernel 'logistic', " + RANGES + " ranges of " + mebibytes(RANGE_BYTES)
                + ", a task each");
        Thread killer = Thread.ofPlatform().daemon().name("killer").start(() -> kill(cluster));
        long start = System.nanoTime();
        try (JavaSparkContext sc = new JavaSparkContext(conf(cluster))) {
            JobResult result = DeviceJobs.map(
                    sc,
                    ranges,
                    files.outputs().toString(),
                    DeviceKernel.of(DemoFiles.SOURCE, "logistic", DemoFiles.ROUNDS),
                    JobOptions.defaults().pieceBytes(1 << 20).sameBits(true));
            tell(result, System.nanoTime() - start);
        } finally {
            killer.interrupt();
            killer.join();
        }
    }

    private void tell(JobResult result, long nanos) {
        List<String> executors = result.outputs().stream()
                .map(JobOutput::executor)
                .distinct()
                .sorted()
                .toList();
        say(String.format(
                Locale.ROOT,
                "Done: %d outputs in %.1f s, made by %s, on %s",
                result.outputs().size(),
                nanos / 1e9,
                String.join(", ", executors),
                result.outputs().getFirst().device()));
    }

    /** Kills an executor as soon as a few outputs are there. */
    private void kill(LoopbackCluster cluster) {
        try {
            while (files.committed() < KILL_AFTER) {
                Thread.sleep(5);
            }
            ProcessHandle executor = cluster.executors().getFirst();
            executor.destroyForcibly();
            say("Killed the executor of process " + executor.pid() + " after " + files.committed()
                    + " of " + RANGES + " outputs");
        } catch (InterruptedException ended) {
            // the job was over before
        }
    }

    private static SparkConf conf(LoopbackCluster cluster) {
        return new SparkConf()
                .setAppName(NAME)
                .setMaster(cluster.masterUrl())
                .set("spark.plugins", HighpagePlugin.class.getName())
                .set(
                        "spark.executorEnv.LD_PRELOAD",
                        System.getProperty("java.home") + "/lib/libjsig.so")
                .set("spark.highpage.deviceMemory", "32m")
                .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .set("spark.executor.memory", "512m")
                .set("spark.executor.cores", "1")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.ui.enabled", "false")
                // Both executors are to have work before one of them is killed.
                .set("spark.scheduler.minRegisteredResourcesRatio", "1.0")
                .set("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s");
    }

    private void say(String line) {
        out.println(line);
    }

    private static String mebibytes(long bytes) {
        return bytes / (1 << 20) + " MiB";
    }
}
