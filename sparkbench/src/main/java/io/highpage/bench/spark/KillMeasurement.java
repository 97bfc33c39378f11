// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.bench.Numbers;
import io.highpage.spark.demo.LoopbackCluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** A job one of whose executors is killed in the middle, against one that nobody disturbs. */
record KillMeasurement(Run run, Application application, LoopbackCluster cluster) {
    private static final double GRACE = 5e9;
    private static final int TRIES = 10;

    /** What one kill came to, in nanoseconds. */
    private record Killed(double wall, double undisturbed, double task) {
        double ratio() {
            return wall / (undisturbed + task + GRACE);
        }

        @Override
        public String toString() {
            return Numbers.time(wall) + ", undisturbed " + Numbers.time(undisturbed) + ", a task "
                    + Numbers.time(task);
        }
    }

    void measure() throws Exception {
        Killed worst = null;
        int kills = run.amount().kills();
        for (int kill = 1; kill <= kills; kill++) {
            run.progress().accept("killing an executor, " + kill + " of " + kills);
            Killed killed = once();
            if (worst == null || killed.ratio() > worst.ratio()) {
                worst = killed;
            }
        }
        run.findings()
                .atMost(
                        "killed",
                        "'heavy' over " + run.smallFiles().size() + " files, an executor killed"
                                + " when half of them are there: time, to the undisturbed time, one"
                                + " task and 5 s together",
                        1,
                        worst.ratio(),
                        worst + "; the worst of " + kills + ", all with the same SHA-256");
    }

    private Killed once() throws Exception {
        application.awaitExecutors(Application.WORKERS);
        Path outputs = run.scratch().outputs();
        job(outputs); // an executor that took a killed one's place has everything to compile
        String wanted = Scratch.sha256(outputs, run.smallFiles().size());
        application.longestTask();
        double undisturbed = job(run.scratch().outputs());
        double task = application.longestTask();
        double wall = killed(run.scratch().outputs());
        if (!Scratch.sha256(outputs, run.smallFiles().size()).equals(wanted)) {
            throw new IllegalStateException("with an executor killed, outputs are others");
        }
        return new Killed(wall, undisturbed, task);
    }

    /**
     * {@return the time of a job one of whose executors was killed}; small ones may be too quick
     */
    private double killed(Path outputs) throws Exception {
        for (int tries = 1; tries <= TRIES; tries++) {
            AtomicBoolean isKilled = new AtomicBoolean();
            Thread killer = Thread.ofPlatform()
                    .daemon()
                    .name("killer")
                    .start(() -> isKilled.set(killAtHalf(outputs)));
            double wall = job(outputs);
            killer.interrupt();
            killer.join();
            if (isKilled.get()) {
                return wall;
            }
            run.scratch().outputs();
        }
        throw new IllegalStateException("jobs are over before an executor can be killed");
    }

    private double job(Path outputs) throws Exception {
        long start = System.nanoTime();
        Way.POOL.run(application.spark(), BenchKernel.HEAVY, run.smallFiles(), outputs);
        return System.nanoTime() - start;
    }

    /** {@return whether it did before it was interrupted} */
    private boolean killAtHalf(Path outputs) {
        try {
            while (committed(outputs) < run.smallFiles().size() / 2) {
                Thread.sleep(2);
            }
            return cluster.executors().getFirst().destroyForcibly();
        } catch (InterruptedException | IOException over) {
            return false;
        }
    }

    private static long committed(Path outputs) throws IOException {
        try (Stream<Path> files = Files.list(outputs)) {
            return files.filter(Files::isRegularFile).count();
        }
    }
}
