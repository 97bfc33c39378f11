// SPDX-License-Identifier: Apache-2.0
package io.highpage.lwjgl;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.opencl.NdRange;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lwjgl.PointerBuffer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/** Another LWJGL on the path than the bridge was compiled with. */
class LwjglVersionTest {
    @TempDir
    private Path folder;

    /** Gives the bridge events. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) throws ReflectiveOperationException {
            PointerBuffer events = PointerBuffer.class.getDeclaredConstructor().newInstance();
            try {
                System.out.println(Lwjgl.enqueue(0, 0, NdRange.of(1), events));
            } catch (IllegalArgumentException | LinkageError refused) {
                System.out.println("refused: " + refused);
            }
        }
    }

    /** As in LWJGL 2, which has no common superclass of its buffers. */
    @Test
    void ofAnyLwjglTheBufferOfEventsIsRead() throws Exception {
        Path source = folder.resolve("PointerBuffer.java");
        Files.writeString(source, """
                package org.lwjgl;
                public class PointerBuffer {
                    public int position() { return 1; }
                    public int limit() { return 2; }
                    public int remaining() { return 1; }
                    public long get(int index) { return index * 8L; }
                }
                """);
        Path classes = Files.createDirectory(folder.resolve("old"));
        ToolProvider compiler = ToolProvider.findFirst("javac").orElseThrow();
        assertThat(compiler.run(
                        System.out, System.err, "-d", classes.toString(), source.toString()))
                .isZero();
        ProcessBuilder program =
                JavaProcess.of(List.of("--enable-native-access=ALL-UNNAMED"), Program.class);
        List<String> command = new ArrayList<>(program.command());
        int classPath = 1 + Math.max(command.indexOf("-cp"), command.indexOf("--class-path"));
        command.set(classPath, classes + ":" + command.get(classPath));
        assertThat(JavaProcess.run(program.command(command)))
                .contains("refused: java.lang.IllegalArgumentException: the queue is NULL");
    }
}
