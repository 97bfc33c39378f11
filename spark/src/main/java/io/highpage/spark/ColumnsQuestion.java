// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.Device;
import io.highpage.pipe.KernelException;
import io.highpage.pipe.PipeShape;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.SparkSession;

import java.io.Serializable;
import java.util.List;

/**
 * Asks an executor which columns a kernel makes, by a job of one task. The driver has no OpenCL
 * that could tell, and must not have: OpenCL drivers take signals that its JVM needs. So what is
 * wrong with a kernel is also said once, before there are tasks that fail of it.
 *
 * @param options which kernel, and how it is called
 */
record ColumnsQuestion(ScanOptions options) implements Function<Integer, byte[]> {
    /**
     * What came of it: one of the two is empty.
     *
     * @param columns of the kernel
     * @param refusal why there are none
     */
    private record Answer(List<KernelColumns> columns, String refusal) implements Serializable {}

    /**
     * {@return what the kernel makes}
     *
     * @throws IllegalArgumentException if it does not compile, cannot be called so, or executors
     *     have no plugin
     */
    static KernelColumns ask(ScanOptions options) {
        JavaSparkContext spark =
                JavaSparkContext.fromSparkContext(SparkSession.active().sparkContext());
        byte[] bytes = spark.parallelize(List.of(0), 1)
                .map(new ColumnsQuestion(options))
                .first();
        Answer answer = Wire.value(bytes, Answer.class);
        if (answer.columns().isEmpty()) {
            throw new IllegalArgumentException(answer.refusal());
        }
        return answer.columns().getFirst();
    }

    /** In a task. What another attempt could not do better either is an answer, and no failure. */
    @Override
    public byte[] call(Integer ignored) throws InterruptedException {
        try {
            HighpageExecutor.current(); // without the plugin here it is nowhere
        } catch (IllegalStateException missing) {
            return Wire.bytes(new Answer(List.of(), String.valueOf(missing.getMessage())));
        }
        TaskPages task = TaskPages.ofThisTask();
        try (KernelPrograms.Use kernel =
                task.programs().use(options.source(), options.kernel().name())) {
            KernelColumns columns = KernelColumns.of(kernel.program().parameters(), options);
            checkRoom(columns, task.device());
            return Wire.bytes(new Answer(List.of(columns), ""));
        } catch (KernelException | RefusedException | IllegalArgumentException refused) {
            return Wire.bytes(new Answer(List.of(), String.valueOf(refused.getMessage())));
        }
    }

    private void checkRoom(KernelColumns columns, Device device) {
        PipeShape least = columns.shape(
                options.inputs().size(),
                columns.pieceBytes(options.chunkBytes()),
                device.limitBytes());
        if (least.deviceBytes() > device.limitBytes()) {
            throw new IllegalArgumentException("a task of kernel '" + columns.kernel() + "' needs "
                    + least.deviceBytes() + " bytes of device memory with pieces of "
                    + least.pieceBytes() + " bytes, and this executor has "
                    + device.limitBytes() + " of " + device.name()
                    + ": give executors more (" + Setting.DEVICE_MEMORY.key + ")");
        }
    }
}
