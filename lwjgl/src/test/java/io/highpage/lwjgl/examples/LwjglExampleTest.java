// SPDX-License-Identifier: Apache-2.0
package io.highpage.lwjgl.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Runs the example as its readers would, with the options that the README names. */
class LwjglExampleTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void requireOpenCl() {
        RequireOpenCl.check();
    }

    @Test
    void theLwjglProgramSquaresAFileInPlace() throws Exception {
        Path file = folder.resolve("numbers");
        ByteBuffer bytes = ByteBuffer.allocate(4 * 50_001).order(ByteOrder.nativeOrder());
        bytes.asIntBuffer().put(IntStream.range(0, 50_001).toArray());
        Files.write(file, bytes.array());
        JavaProcess.run(lwjgl(file));
        IntBuffer squares = ByteBuffer.wrap(Files.readAllBytes(file))
                .order(ByteOrder.nativeOrder())
                .asIntBuffer();
        assertThat(squares.remaining()).isEqualTo(50_001);
        for (int i = 0; i < 50_001; i++) {
            assertThat(squares.get(i)).isEqualTo(i * i);
        }
    }

    @Test
    void theExampleRunsOnAnotherDriver() throws Exception {
        Path file = Files.write(folder.resolve("number"), new byte[] {3, 0, 0, 0});
        ProcessBuilder builder = lwjgl(file);
        builder.environment().putAll(RequireOpenCl.otherDriver(folder));
        JavaProcess.run(builder);
        assertThat(Files.readAllBytes(file)).containsExactly(9, 0, 0, 0);
    }

    private static ProcessBuilder lwjgl(Path file) {
        return JavaProcess.of(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dorg.lwjgl.opencl.libname=libOpenCL.so.1"),
                LwjglWithHighpage.class,
                file.toString());
    }
}
