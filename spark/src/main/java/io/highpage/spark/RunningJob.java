// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.SimpleFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;

/**
 * A job in Spark's hands: takes each task's outcome as it comes, and stops the job at the first
 * that no other attempt would mend.
 */
final class RunningJob {
    private final int tasks;

    /** By task. */
    private final Map<Integer, JobOutput> outputs = new ConcurrentSkipListMap<>();

    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    private RunningJob(int tasks) {
        this.tasks = tasks;
    }

    /**
     * Runs a job to its end.
     *
     * @param task makes an outcome of a planned range, both as bytes
     * @return the outputs in the order of their ranges
     * @throws JobFailedException if the job failed, or was cancelled
     * @throws InterruptedException if this thread was; the job is cancelled then
     */
    static List<JobOutput> run(
            JavaSparkContext sc,
            List<PlannedRange> planned,
            AbstractFunction1<Iterator<byte[]>, byte[]> task)
            throws InterruptedException {
        if (planned.isEmpty()) {
            return List.of(); // Spark makes no job of nothing
        }
        RunningJob job = new RunningJob(planned.size());
        SimpleFutureAction<?> action = job.submit(sc, planned, task);
        try {
            job.ended.get();
            return job.committed();
        } catch (ExecutionException failed) {
            throw job.failed(Objects.requireNonNull(failed.getCause()));
        } finally {
            action.cancel(); // what is left of it, such as other attempts
        }
    }

    private SimpleFutureAction<@Nullable Object> submit(
            JavaSparkContext sc,
            List<PlannedRange> planned,
            AbstractFunction1<Iterator<byte[]>, byte[]> task) {
        JavaRDD<byte[]> ranges =
                sc.parallelize(planned.stream().map(Wire::bytes).toList(), tasks);
        List<Object> partitions = new ArrayList<>();
        IntStream.range(0, tasks).forEach(partitions::add);
        SimpleFutureAction<@Nullable Object> action = sc.sc()
                .submitJob(
                        ranges.rdd(),
                        task,
                        CollectionConverters.asScala(partitions).toSeq(),
                        new Taken(),
                        new Nothing());
        FutureConverters.asJava(action).whenComplete(this::ended);
        return action;
    }

    private void ended(@Nullable Object nothing, @Nullable Throwable failed) {
        if (failed == null) {
            ended.complete(null);
        } else {
            ended.completeExceptionally(failed);
        }
    }

    private List<JobOutput> committed() {
        return List.copyOf(outputs.values());
    }

    private JobFailedException failed(Throwable cause) {
        List<JobOutput> there = committed();
        String words = String.valueOf(cause.getMessage());
        String stay = there.size() + " of " + tasks + " outputs are committed and stay";
        return new JobFailedException(words + "\n" + stay, there, cause);
    }

    /** Takes a task's outcome, on the scheduler's thread. */
    private final class Taken extends AbstractFunction2<Object, byte[], BoxedUnit> {
        @Override
        public BoxedUnit apply(Object partition, byte[] bytes) {
            switch (Wire.value(bytes, RangeOutcome.class)) {
                case RangeOutcome.Committed made -> outputs.put((int) partition, made.output());
                case RangeOutcome.Refused refused ->
                    ended.completeExceptionally(new RefusedException(refused.why()));
            }
            return BoxedUnit.UNIT;
        }
    }

    private static final class Nothing extends AbstractFunction0<@Nullable Object> {
        @Override
        public @Nullable Object apply() {
            return null;
        }
    }
}
