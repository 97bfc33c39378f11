// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Kernels over files, on the executors' devices. {@code docs/spark.md} has what is promised of
 * outputs. All methods may be called by any thread.
 */
public final class DeviceJobs {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceJobs.class);

    private DeviceJobs() {}

    /**
     * Runs a kernel over ranges of files, each in a task. Every range has an output of its length
     * in the output folder: named as its file if it is the whole of it, else with its begin and end
     * behind. An output is committed when it is complete, once, and nothing replaces it; what
     * attempts leave that fail, are killed, or come second is gone when this returns. In the folder
     * are also outputs that a driver which died has committed; what it left otherwise is removed.
     *
     * <p>A job that is wrong fails at its first task and is not tried again: a kernel that does not
     * compile, an input that is missing or changes while it is read, a task that has no room on the
     * device with the least pieces. Cancelling Spark's job, or interrupting this thread, ends it.
     *
     * @param sc the application, whose executors have the plugin
     * @param inputs what is read; the driver and all executors see the files under one path
     * @param outputDir where outputs are made, on a file system with hard links that the driver and
     *     all executors share; made if it is not there
     * @param kernel what is run
     * @param options how
     * @return what was made
     * @throws JobFailedException if an output could not be made; those that were stay
     * @throws IllegalArgumentException if {@code outputDir} is no path of a file system that Java
     *     itself writes to
     * @throws IllegalStateException if the application runs without the plugin, or was stopped
     * @throws InterruptedException if this thread is interrupted; the job is cancelled
     */
    public static JobResult map(
            JavaSparkContext sc,
            List<FileRange> inputs,
            String outputDir,
            DeviceKernel kernel,
            JobOptions options)
            throws InterruptedException {
        Path outputs = LocalPath.of(outputDir);
        checkPlugin(sc);
        JobFolder folder = begin(outputs, sc.sc().applicationId());
        try {
            List<PlannedRange> planned = PlannedRange.of(inputs, outputs);
            PlannedRange.checkNew(planned, outputs);
            JobPlan plan = new JobPlan(folder.folder().toString(), kernel, options);
            List<JobOutput> made = RunningJob.run(sc, planned, new RangeTask(plan));
            force(outputs, made);
            return new JobResult(folder.jobId(), made);
        } catch (RefusedException refused) {
            throw new JobFailedException(String.valueOf(refused.getMessage()), List.of(), refused);
        } finally {
            end(folder);
        }
    }

    private static void checkPlugin(JavaSparkContext sc) {
        String plugin = HighpagePlugin.class.getName();
        String plugins = sc.getConf().get("spark.plugins", "");
        if (!Arrays.asList(plugins.split("\\s*,\\s*")).contains(plugin)) {
            throw new IllegalStateException("executors have no device: start the application with"
                    + " --conf spark.plugins=" + plugin);
        }
        if (sc.sc().isStopped()) {
            String reason = HighpageDriver.notes().stopReason();
            throw new IllegalStateException("the application was stopped"
                    + (reason.isEmpty() ? "" : " by the plugin: " + reason));
        }
    }

    private static JobFolder begin(Path outputs, String application) {
        try {
            return JobFolder.begin(outputs, application);
        } catch (IOException e) {
            throw new JobFailedException(
                    "the driver cannot write to output folder " + outputs + ": " + e, List.of(), e);
        }
    }

    /** Has the disk take the outputs' names. */
    private static void force(Path outputs, List<JobOutput> made) {
        try (FileChannel channel = FileChannel.open(outputs)) {
            channel.force(true);
        } catch (IOException e) {
            throw new JobFailedException(
                    "outputs in " + outputs + " may be lost if the machine fails: " + e, made, e);
        }
    }

    private static void end(JobFolder folder) {
        try {
            folder.close();
        } catch (IOException e) {
            // The outputs are what they are; the next driver that has a job here tries again.
            LOG.warn("Remains of attempts stay in {}: {}", folder.folder(), e.toString());
        }
    }
}
