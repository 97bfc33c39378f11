// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.spark.DeviceKernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The kernels of {@code bench/pipeline.cl}, and the same in Java. */
enum BenchKernel {
    /** All transfer. */
    SCALE,
    /** Real arithmetic. */
    HEAVY;

    static final float BY = 0.5f;

    /** Without it a device may round once where Java rounds twice, and no outputs were the same. */
    private static final String SAME_BITS = "#pragma OPENCL FP_CONTRACT OFF\n";

    /** {@return its name in the source} */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return the source of both} */
    static String source() {
        try (InputStream file = BenchKernel.class.getResourceAsStream("/pipeline.cl")) {
            return SAME_BITS + new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return it, for Spark} */
    DeviceKernel onDevice() {
        return DeviceKernel.of(source(), id(), BY);
    }

    /** Does in Java what the kernel does to each number. */
    void inJava(float[] numbers, int count) {
        switch (this) {
            case SCALE -> scale(numbers, count);
            case HEAVY -> heavy(numbers, count);
        }
    }

    private static void scale(float[] numbers, int count) {
        for (int i = 0; i < count; i++) {
            numbers[i] *= BY;
        }
    }

    private static void heavy(float[] numbers, int count) {
        scale(numbers, count);
        // Turn by turn over all: the JIT makes vectors of this, and not of a loop in a loop.
        for (int turn = 0; turn < 64; turn++) {
            for (int i = 0; i < count; i++) {
                numbers[i] = numbers[i] * 0.999f + 0.5f;
            }
        }
    }
}
