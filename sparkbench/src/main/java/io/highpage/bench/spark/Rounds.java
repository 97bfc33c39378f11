// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** Runs jobs by turns, so that whatever else the machine does meets all of them. */
final class Rounds {
    /** A job. */
    interface Job {
        /** Does it. */
        void run() throws Exception;
    }

    /** What every job has made is asked after each, outside of its time. */
    interface Outcome {
        /** {@return what has to be the same of all jobs and rounds} */
        Object of(String job) throws Exception;
    }

    private final DoubleSupplier processorNanos;
    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private final Map<String, Times> times = new LinkedHashMap<>();
    private final Job before;
    private final Outcome outcome;

    /**
     * Prepares rounds.
     *
     * @param processorNanos the processor time that jobs have taken until now
     * @param before what is done before each job, outside of its time
     * @param outcome what each has come to
     */
    Rounds(DoubleSupplier processorNanos, Job before, Outcome outcome) {
        this.processorNanos = processorNanos;
        this.before = before;
        this.outcome = outcome;
    }

    /** Adds a job. */
    Rounds with(String name, Job job) {
        jobs.put(name, job);
        return this;
    }

    /**
     * Runs every job in every round, each round in another order.
     *
     * @param warmUps rounds that do not count, before
     * @param rounds that do
     * @return the times by job
     * @throws IllegalStateException if jobs come to different things
     */
    Map<String, Times> run(int warmUps, int rounds) throws Exception {
        jobs.keySet().forEach(name -> times.put(name, new Times()));
        Object wanted = null;
        for (int round = -warmUps; round < rounds; round++) {
            List<String> order = new ArrayList<>(jobs.keySet());
            Collections.rotate(order, round);
            for (String name : order) {
                Object made = once(name, round >= 0);
                if (wanted != null && !wanted.equals(made)) {
                    throw new IllegalStateException(
                            "'" + name + "' comes to " + made + ", and others to " + wanted);
                }
                wanted = made;
            }
        }
        return times;
    }

    private Object once(String name, boolean counts) throws Exception {
        before.run();
        double processor = processorNanos.getAsDouble();
        long start = System.nanoTime();
        jobs.get(name).run();
        long wall = System.nanoTime() - start;
        if (counts) {
            times.get(name).add(wall, processorNanos.getAsDouble() - processor);
        }
        return outcome.of(name);
    }
}
