// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.bench.Numbers;
import io.highpage.pipe.PipeShape;
import io.highpage.spark.demo.LoopbackCluster;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Executors of two slots that have room on the device for both tasks, against such with room for
 * one: applications of their own, by turns.
 */
final class RoomMeasurement {
    private static final int SLOTS = 2;

    /** What a task leases; see {@code JobOptions}. */
    private static final long TASK_BYTES =
            new PipeShape(1, 1, FileTask.PIECE_BYTES, 2, 1).deviceBytes();

    private final Run run;
    private final LoopbackCluster cluster;
    private final Map<String, Times> all = new LinkedHashMap<>();
    private final Map<String, Times> half = new LinkedHashMap<>();
    private long failed;

    RoomMeasurement(Run run, LoopbackCluster cluster) {
        this.run = run;
        this.cluster = cluster;
    }

    void measure() throws Exception {
        for (int turn = 1; turn <= run.amount().turns(); turn++) {
            measure(all, SLOTS * TASK_BYTES, "all the room");
            measure(half, TASK_BYTES, "half the room");
        }
        for (BenchKernel kernel : BenchKernel.values()) {
            run.findings().add("room-" + kernel.id(), Map.of("all", all.get(kernel.id())));
            run.findings().add("room-" + kernel.id(), Map.of("half", half.get(kernel.id())));
            run.findings()
                    .atMost(
                            "half-room-" + kernel.id(),
                            "'" + kernel.id() + "' by executors of " + SLOTS + " slots with "
                                    + Numbers.size(TASK_BYTES) + " of the device, room for one"
                                    + " task, to such with room for all",
                            1.1,
                            half.get(kernel.id()),
                            all.get(kernel.id()));
        }
        run.findings()
                .atMost(
                        "half-room-failed",
                        "tasks that fail with half the room",
                        0,
                        failed,
                        failed + " tasks");
    }

    private void measure(Map<String, Times> into, long room, String name) throws Exception {
        run.progress().accept(name);
        try (Application application = Application.on(cluster, SLOTS, run.device(), room)) {
            for (BenchKernel kernel : BenchKernel.values()) {
                Rounds rounds = run.rounds(application, run.files().size())
                        .with(
                                kernel.id(),
                                () -> Way.POOL.run(
                                        application.spark(),
                                        kernel,
                                        run.files(),
                                        run.scratch().outputsFolder()));
                rounds.run(run.amount().warmUps(), run.amount().rounds(kernel))
                        .forEach((job, times) -> into.merge(job, times, Times::and));
            }
            if (into == half) {
                failed += application.failedTasks();
            }
        }
    }
}
