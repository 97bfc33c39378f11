// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Inputs of jobs, kernels over them, and what Java makes of the same bytes. */
final class JobFiles {
    /**
     * Steps that stay between 0 and 1. So many that a range takes its time; Java and a device come
     * to the same bits if neither fuses a multiplication and an addition.
     */
    static final String STEPS = """
            kernel void steps(global const float *in, global float *out, int rounds) {
                float x = in[get_global_id(0)];
                for (int round = 0; round < rounds; round++) {
                    x = x * 0.75f + 0.125f * x;
                    x = x * 0.5f + 0.25f;
                }
                out[get_global_id(0)] = x;
            }
            """;

    private static final int BLOCK = 4096;

    private final Path folder;
    private final Random random = new Random(7);

    JobFiles(Path folder) {
        this.folder = folder;
    }

    static DeviceKernel steps(int rounds) {
        return DeviceKernel.of(STEPS, "steps", rounds);
    }

    /** {@return a new file of random numbers between 0 and 1} */
    Path input(String name, int bytes) throws IOException {
        ByteBuffer numbers = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
        while (numbers.hasRemaining()) {
            numbers.putFloat(random.nextFloat());
        }
        return Files.write(folder.resolve(name), numbers.array());
    }

    Path outputs() {
        return folder.resolve("out");
    }

    /** Checks that every output has the bits that Java comes to, and that nothing else is there. */
    void check(JobResult result, List<FileRange> inputs, int rounds) throws IOException {
        assertThat(result.outputs()).extracting(JobOutput::input).isEqualTo(inputs);
        for (JobOutput output : result.outputs()) {
            assertThat(sha256(Files.readAllBytes(Path.of(output.path()))))
                    .as(output.toString())
                    .isEqualTo(sha256(inJava(output.input(), rounds)));
        }
        assertThat(names())
                .containsExactlyInAnyOrderElementsOf(result.outputs().stream()
                        .map(output ->
                                outputs().relativize(Path.of(output.path())).toString())
                        .toList());
    }

    /** {@return what is in the folder of outputs, hidden names too} */
    List<String> names() {
        if (!Files.exists(outputs())) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(outputs())) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return how many outputs are committed} */
    int committed() {
        return (int) names().stream().filter(name -> !name.startsWith("_")).count();
    }

    private static byte[] inJava(FileRange range, int rounds) throws IOException {
        byte[] whole = Files.readAllBytes(Path.of(range.path()));
        ByteBuffer bytes = ByteBuffer.allocate((int) range.byteSize());
        bytes.put(whole, (int) range.offset(), (int) range.byteSize());
        FloatBuffer numbers = bytes.flip().order(ByteOrder.nativeOrder()).asFloatBuffer();
        float[] block = new float[BLOCK];
        for (int from = 0; from < numbers.capacity(); from += BLOCK) {
            int count = Math.min(BLOCK, numbers.capacity() - from);
            numbers.get(from, block, 0, count);
            for (int round = 0; round < rounds; round++) {
                step(block);
            }
            numbers.put(from, block, 0, count);
        }
        return bytes.array();
    }

    private static void step(float[] block) {
        for (int i = 0; i < block.length; i++) {
            float x = block[i];
            x = x * 0.75f + 0.125f * x;
            block[i] = x * 0.5f + 0.25f;
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
