// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.junit.HighpageLeakCheck;
import io.highpage.pipe.examples.Scale;
import io.highpage.testkit.Example;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compiles and runs the program of the module's README, and keeps the two equal. */
@ExtendWith(HighpageLeakCheck.class)
class ReadmePipeTest {
    private static final Path SOURCE =
            Path.of("src/test/java/io/highpage/pipe/examples/Scale.java");

    @TempDir
    private Path folder;

    @Test
    @Tag("opencl")
    void program_runs() throws Exception {
        RequireOpenCl.check();
        String in = file("in", 1).toString();
        String out = folder.resolve("out").toString();
        Scale.main(new String[] {in, out, out, folder.resolve("again").toString()});
        assertThat(folder.resolve("out")).hasSameBinaryContentAs(file("half", 0.5f));
        assertThat(folder.resolve("again")).hasSameBinaryContentAs(file("quarter", 0.25f));
    }

    private Path file(String name, float first) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(10 << 20).order(ByteOrder.nativeOrder());
        for (int i = 0; bytes.hasRemaining(); i++) {
            bytes.putFloat(first * i);
        }
        return Files.write(folder.resolve(name), bytes.array());
    }

    @Test
    void program_isTheOneInTheReadme() throws Exception {
        String shown = Example.shown(Path.of("README.md"), "java", "class Scale");
        assertThat(Files.readString(SOURCE).strip()).endsWith(";\n\n" + shown.strip());
    }
}
