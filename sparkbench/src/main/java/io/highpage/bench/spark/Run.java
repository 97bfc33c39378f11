// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.spark.demo.LoopbackCluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * What all measurements of a run share.
 *
 * @param amount how much is measured
 * @param device an OpenCL device, as {@code highpage devices} names it
 * @param scratch where files are
 * @param findings takes what is found
 * @param progress is told what runs
 * @param inputs the files
 */
record Run(
        Amount amount,
        String device,
        Scratch scratch,
        Findings findings,
        Consumer<String> progress,
        Inputs inputs) {
    /** Less than the data, more than the tasks of an executor need at the same time. */
    static final long ROOM = 64L << 20;

    /** Few large files, and many small ones. */
    record Inputs(List<Path> large, List<Path> small) {}

    /** Makes the inputs. */
    static Run prepare(
            Amount amount,
            String device,
            Scratch scratch,
            Findings findings,
            Consumer<String> progress)
            throws IOException {
        progress.accept("making inputs in " + scratch.folder());
        return new Run(
                amount,
                device,
                scratch,
                findings,
                progress,
                new Inputs(
                        scratch.inputs(
                                "in", amount.large().files(), amount.large().bytes()),
                        scratch.inputs(
                                "in-small",
                                amount.small().files(),
                                amount.small().bytes())));
    }

    List<Path> files() {
        return inputs.large();
    }

    List<Path> smallFiles() {
        return inputs.small();
    }

    /** Measures everything. */
    void all(LoopbackCluster cluster) throws Exception {
        try (Application application = Application.on(cluster, 1, device, ROOM)) {
            int executors = cluster.executors().size();
            findings.add(
                    "processes",
                    2 + Application.WORKERS + executors,
                    "JVMs",
                    "a driver, a master, " + Application.WORKERS + " workers, " + executors
                            + " executors of one slot; with half the room of two");
            for (BenchKernel kernel : BenchKernel.values()) {
                new JobsMeasurement(this, application).measure(kernel);
                new ColumnsMeasurement(this, application).measure(kernel);
            }
            new KillMeasurement(this, application, cluster).measure();
        }
        new RoomMeasurement(this, cluster).measure();
        cluster.close(); // nothing beside what runs in this process
        new LocalMeasurement(this).measure();
    }

    /** {@return rounds of jobs whose outputs have to have the same SHA-256} */
    Rounds rounds(Application application, int outputs) {
        Path folder = scratch.outputsFolder();
        return new Rounds(
                application::processorNanos,
                scratch::outputs,
                job -> Scratch.sha256(folder, outputs));
    }
}
