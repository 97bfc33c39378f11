// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.spark.DeviceJobs;
import io.highpage.spark.FileRange;
import io.highpage.spark.JobOptions;
import io.highpage.spark.JobResult;

import org.apache.spark.api.java.JavaSparkContext;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Ways to run a kernel over files by Spark's tasks, a file each. */
enum Way {
    /** Highpage's jobs, whose tasks lease from the executor's pool. */
    POOL("Highpage"),
    /** What a good program keeps in an executor. */
    JOCL("JOCL that an executor keeps"),
    /** What a simple program makes in each task. */
    JOCL_PER_TASK("JOCL made by each task"),
    /** Without a device. */
    JAVA("plain Java");

    private final String text;

    Way(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    /** Makes an output of each file in a folder that is there and empty. */
    void run(JavaSparkContext spark, BenchKernel kernel, List<Path> files, Path outputs)
            throws IOException, InterruptedException {
        switch (this) {
            case POOL -> pool(spark, kernel, files, outputs);
            case JOCL -> byHand(spark, files, new JoclTask(kernel, true, outputs));
            case JOCL_PER_TASK -> byHand(spark, files, new JoclTask(kernel, false, outputs));
            case JAVA -> byHand(spark, files, new JavaTask(kernel, outputs));
        }
    }

    /** Highpage's way, with what it has made. */
    static JobResult pool(
            JavaSparkContext spark, BenchKernel kernel, List<Path> files, Path outputs)
            throws IOException, InterruptedException {
        List<FileRange> ranges = new ArrayList<>();
        for (Path file : files) {
            ranges.add(FileRange.whole(file));
        }
        JobOptions options = JobOptions.defaults().pieceBytes(FileTask.PIECE_BYTES);
        return DeviceJobs.map(spark, ranges, outputs.toString(), kernel.onDevice(), options);
    }

    private static void byHand(JavaSparkContext spark, List<Path> files, FileTask task) {
        List<String> paths = files.stream().map(Path::toString).toList();
        spark.parallelize(paths, paths.size()).foreach(task);
    }
}
