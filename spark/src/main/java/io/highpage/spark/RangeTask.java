// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.Device;
import io.highpage.pipe.KernelCall;
import io.highpage.pipe.KernelException;
import io.highpage.pipe.KernelSource;
import io.highpage.pipe.PieceInput;
import io.highpage.pipe.PieceOutput;
import io.highpage.pipe.PipePool;
import io.highpage.pipe.PipeShape;
import io.highpage.pipe.RunListener;
import io.highpage.pipe.Stages;

import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a task does with its range. Serializable, and used by one thread in each copy. */
final class RangeTask extends AbstractFunction1<Iterator<byte[]>, byte[]> implements Serializable {
    private static final long serialVersionUID = 1;

    /** Without it compilers may make one rounding of a multiplication and an addition. */
    private static final String SAME_BITS = "#pragma OPENCL FP_CONTRACT OFF\n#line 1\n";

    private final JobPlan plan;

    RangeTask(JobPlan plan) {
        this.plan = plan;
    }

    @Override
    public byte[] apply(Iterator<byte[]> ranges) {
        PlannedRange planned = Wire.value(ranges.next(), PlannedRange.class);
        try {
            return Wire.bytes(new RangeOutcome.Committed(run(planned)));
        } catch (RefusedException wrong) {
            return Wire.bytes(new RangeOutcome.Refused(String.valueOf(wrong.getMessage())));
        } catch (IOException e) {
            throw new UncheckedIOException(planned.range() + ": " + e.getMessage(), e);
        } catch (InterruptedException killed) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the task was killed", killed);
        }
    }

    private JobOutput run(PlannedRange planned) throws IOException, InterruptedException {
        String executor = executor();
        try (JobAttempt attempt = JobAttempt.begin(
                Path.of(plan.folder()), planned, executor, TaskContext.get().taskAttemptId())) {
            Optional<JobOutput> found = attempt.found();
            if (found.isPresent()) {
                return found.get();
            }
            planned.check(executor);
            String device = planned.range().byteSize() == 0
                    ? none(attempt)
                    : make(planned, attempt, executor);
            planned.check(executor);
            return attempt.commit(device);
        }
    }

    /** As Spark calls it: Java may not find this machine's own name. */
    private static String executor() {
        SparkEnv spark = SparkEnv.get();
        return "executor " + spark.executorId() + " on "
                + spark.blockManager().blockManagerId().host();
    }

    private static String none(JobAttempt attempt) throws IOException {
        attempt.create();
        return "";
    }

    /** {@return the model of device that made the attempt's file} */
    private String make(PlannedRange planned, JobAttempt attempt, String executor)
            throws IOException, InterruptedException {
        TaskPages pages = TaskPages.ofThisTask();
        String model = pages.device().memory().description();
        if (plan.options().sameBits()) {
            attempt.claim(model);
        }
        PipeShape shape = shape(pages.device(), executor);
        try (KernelPrograms.Use use = compile(pages)) {
            FileRange range = planned.range();
            KernelCall call = MapCall.of(use.program(), plan.kernel(), range);
            try (PipePool.Lease lease = pages.lease(shape, plan.options().roomDeadline())) {
                lease.pipe()
                        .run(
                                List.of(PieceInput.of(
                                        Path.of(range.path()), range.offset(), range.byteSize())),
                                call,
                                List.of(PieceOutput.of(attempt.create())),
                                Stages.CALLER,
                                killable(TaskContext.get()));
            }
        }
        return model;
    }

    private KernelPrograms.Use compile(TaskPages pages) throws InterruptedException {
        DeviceKernel kernel = plan.kernel();
        String text = plan.options().sameBits() ? SAME_BITS + kernel.source() : kernel.source();
        KernelSource source = new KernelSource("the kernel's source", text, kernel.buildOptions());
        try {
            return pages.programs().use(source, kernel.name());
        } catch (KernelException wrong) {
            throw new RefusedException(String.valueOf(wrong.getMessage()), wrong);
        }
    }

    /** {@return the largest pieces of which a task has room on the device, if nobody else had} */
    private PipeShape shape(Device device, String executor) {
        long least = plan.options().leastPieceBytes();
        PipeShape shape = new PipeShape(1, 1, plan.options().pieceBytes(), 2, 1);
        while (shape.deviceBytes() > device.limitBytes()) {
            if (shape.pieceBytes() / 2 < least) {
                throw new RefusedException("a task needs " + shape.deviceBytes()
                        + " bytes of device memory with the least pieces, of "
                        + shape.pieceBytes() + " bytes, and " + executor + " has "
                        + device.limitBytes() + " of " + device.name()
                        + ": give executors more (spark.highpage.deviceMemory), or allow smaller"
                        + " pieces (JobOptions.leastPieceBytes)");
            }
            shape = shape.withPieceBytes(
                    shape.pieceBytes() / 2 / JobOptions.UNIT * JobOptions.UNIT);
        }
        return shape;
    }

    /** Spark asks a task to end by an interrupt only where the job's group says so. */
    private static RunListener killable(TaskContext task) {
        return new RunListener() {
            @Override
            public void moved(long bytes) {
                task.killTaskIfInterrupted();
            }
        };
    }
}
