// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The demo's numbers: files of them, and what comes of them in Java.
 *
 * @param inputs the folder of inputs
 * @param outputs the folder of outputs
 */
record DemoFiles(Path inputs, Path outputs) {
    static final int FILES = 4;
    static final int FILE_BYTES = 8 << 20;

    /** The same steps as {@link #inJava}; all intermediate values are in (0, 1). */
    static final String SOURCE = """
            kernel void logistic(global const float *in, global float *out, int rounds) {
                size_t i = get_global_id(0);
                float x = in[i];
                for (int round = 0; round < rounds; round++) {
                    x = 3.75f * x * (1.0f - x);
                }
                out[i] = x;
            }
            """;

    static final int ROUNDS = 2000;

    /** So many at a time, which stay in a core's cache. */
    private static final int BLOCK = 4096;

    /** {@return the files, which are made} */
    List<Path> make() throws IOException {
        Files.createDirectories(inputs);
        Random random = new Random(42);
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
            ByteBuffer bytes = ByteBuffer.allocate(FILE_BYTES).order(ByteOrder.nativeOrder());
            while (bytes.hasRemaining()) {
                bytes.putFloat(0.01f + 0.98f * random.nextFloat());
            }
            files.add(Files.write(inputs.resolve("numbers-" + i + ".f32"), bytes.array()));
        }
        return files;
    }

    /** {@return how many outputs are committed by now} */
    long committed() {
        try (Stream<Path> files = Files.list(outputs)) {
            return files.filter(Files::isRegularFile).count();
        } catch (IOException notYet) {
            return 0;
        }
    }

    /**
     * Compares every byte of the outputs with what Java makes of the inputs.
     *
     * @return how many bytes there are
     * @throws IllegalStateException if one differs, or is missing
     */
    long verify(List<Path> files) {
        return files.parallelStream().mapToLong(this::verify).sum();
    }

    private long verify(Path file) {
        try {
            ByteBuffer wanted =
                    ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
            inJava(wanted.asFloatBuffer());
            ByteBuffer made = ByteBuffer.wrap(bytesOf(file));
            int differs = wanted.mismatch(made);
            if (differs >= 0) {
                throw new IllegalStateException("outputs of " + file + " differ from what Java"
                        + " comes to, at byte " + differs + " of " + made.capacity());
            }
            return made.capacity();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the bytes of all outputs of a file, which sort by their ranges} */
    private byte[] bytesOf(Path file) throws IOException {
        List<Path> parts;
        try (Stream<Path> all = Files.list(outputs)) {
            parts = all.filter(part ->
                            part.getFileName().toString().startsWith(file.getFileName() + "."))
                    .sorted()
                    .toList();
        }
        ByteBuffer bytes = ByteBuffer.allocate(FILE_BYTES);
        for (Path part : parts) {
            bytes.put(Files.readAllBytes(part));
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private static void inJava(FloatBuffer numbers) {
        float[] block = new float[BLOCK];
        for (int from = 0; from < numbers.capacity(); from += BLOCK) {
            numbers.get(from, block);
            for (int round = 0; round < ROUNDS; round++) {
                step(block);
            }
            numbers.put(from, block);
        }
    }

    private static void step(float[] block) {
        for (int i = 0; i < block.length; i++) {
            block[i] = 3.75f * block[i] * (1.0f - block[i]);
        }
    }
}
