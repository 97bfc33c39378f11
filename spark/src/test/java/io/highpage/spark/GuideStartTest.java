// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.testkit.Example;
import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** The commands and the program of docs/spark.md, "Start", as they stand there. */
class GuideStartTest {
    private static final Path GUIDE = Path.of("../docs/spark.md");
    private static final String PORT = "7077";

    @TempDir
    private Path folder;

    /** What its command with Maven leaves in {@code jars}, of this checkout. */
    @BeforeEach
    void jars() throws IOException {
        RequireOpenCl.check();
        Path jars = Files.createDirectory(folder.resolve("jars"));
        int number = 0;
        for (String entry : JavaProcess.classPath().split(File.pathSeparator)) {
            Path each = Path.of(entry).toAbsolutePath();
            Path jar = jars.resolve("%03d.jar".formatted(number++));
            if (Files.isRegularFile(each)) {
                Files.createSymbolicLink(jar, each);
            } else if (Files.isDirectory(each) && !each.endsWith("test-classes")) {
                int status = ToolProvider.findFirst("jar")
                        .orElseThrow()
                        .run(
                                System.out,
                                System.err,
                                "--create",
                                "--no-compress",
                                "--file=" + jar,
                                "-C",
                                each.toString(),
                                ".");
                assertThat(status).isZero();
            }
        }
        Files.writeString(folder.resolve("Halve.java"), Example.shown(GUIDE, "java", "void main("));
    }

    @Test
    void laptop() throws Exception {
        assertThat(run(shell("local[2]"))).contains("in.f32.", ", made by executor driver");
        check("out");
    }

    @Test
    void standaloneCluster() throws Exception {
        String port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = Integer.toString(free.getLocalPort());
        }
        String script = "head -c 100M /dev/urandom >in.f32\n" + shell("deploy.master.Master")
                + shell("out-cluster") + "kill %1 %2 %3\nwait\n";
        assertThat(script).contains(PORT, "--webui-port 8080", "--webui-port $port");
        assertThat(run(script.replace(PORT, port)
                        .replace("--webui-port 8080", "--webui-port 0")
                        .replace("--webui-port $port", "--webui-port 0")))
                .contains("in.f32.", ", made by executor ");
        check("out-cluster");
    }

    private static String shell(String part) throws IOException {
        return Example.shown(GUIDE, "sh", part);
    }

    private String run(String script) throws Exception {
        Path output = folder.resolve("said");
        // Also if a command fails that comes before those which end the cluster.
        String ending = "trap 'kill $(jobs -p) 2>/dev/null' EXIT\n";
        ProcessBuilder shell = new ProcessBuilder("bash", "-emc", ending + script)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        shell.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = shell.start();
        List<ProcessHandle> started = new ArrayList<>();
        try {
            boolean ended = process.waitFor(5, TimeUnit.MINUTES);
            String said = Files.readString(output);
            assertThat(ended).as(said).isTrue();
            assertThat(said).contains("made by");
            return said;
        } finally {
            started.add(process.toHandle());
            process.descendants().forEach(started::add);
            started.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** Seven outputs, which one after the other are the whole. */
    private void check(String outputs) throws IOException {
        List<Path> parts;
        try (Stream<Path> all = Files.list(folder.resolve(outputs))) {
            parts = all.sorted().toList();
        }
        assertThat(parts).hasSize(7);
        FloatBuffer in = floats(folder.resolve("in.f32"));
        for (Path part : parts) {
            FloatBuffer out = floats(part);
            FloatBuffer same = in.slice(in.position(), out.remaining());
            in.position(in.position() + out.remaining());
            while (out.hasRemaining()) {
                float half = same.get() / 2;
                float got = out.get();
                if (Float.compare(half, got) != 0) { // one NaN is like the other
                    assertThat(got).as(part.toString()).isEqualTo(half);
                }
            }
        }
        assertThat(in.hasRemaining()).isFalse();
    }

    private static FloatBuffer floats(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.map(MapMode.READ_ONLY, 0, channel.size())
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
        }
    }
}
