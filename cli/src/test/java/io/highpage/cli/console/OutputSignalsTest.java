// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.cli.kernel.OpenClDevices;
import io.highpage.device.Devices;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.pipe.KernelProgram;
import io.highpage.pipe.KernelRunner;
import io.highpage.pipe.KernelSource;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Real signals to a JVM that is writing, with an OpenCL driver open, which takes some of them. */
class OutputSignalsTest {
    @TempDir
    private Path folder;

    /**
     * Runs a kernel, so that the driver has done all it does to signals, begins an output and waits
     * for the signal.
     */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws InterruptedException {
            Devices.find().stream()
                    .filter(OpenClDevices::isOpenCl)
                    .findFirst()
                    .ifPresent(device -> {
                        try (OpenClDevice opened = Jocl.open(device);
                                KernelProgram program = KernelProgram.compile(
                                        opened,
                                        KernelSource.of("test", "kernel void nothing(int n) {}"),
                                        "nothing");
                                KernelRunner runner = KernelRunner.open(program)) {
                            long ignored = runner.run(1, List.of(1));
                        }
                    });
            OutputFile file =
                    OutputFile.create(Path.of(arguments[0]), Boolean.parseBoolean(arguments[1]));
            file.append(MemorySegment.ofArray(new byte[100_000]), count -> {});
            System.out.println("writing");
            Thread.sleep(600_000);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "INT, true",
        "TERM, true",
        "HUP, true",
        "KILL, true",
        "INT, false",
        "TERM, false",
        "HUP, false"
    })
    void aSignalLeavesWhatWasThereAndNothingElse(String signal, boolean unnamed) throws Exception {
        Path path = Files.writeString(folder.resolve("out"), "old");
        end(path, unnamed, signal);
        assertThat(path).hasContent("old");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void whatIsLeftAfterKillIsNamedWithTheCommandThatRemovesIt() throws Exception {
        Path odd = Files.createDirectory(folder.resolve("it's $odd"));
        Path path = odd.resolve("out");
        end(path, false, "KILL");
        assertThat(path).doesNotExist();
        String words = OutputFile.leftovers(path).orElseThrow();
        assertThat(words).contains("an output that was not finished is left in " + odd, ".part'");
        // It is in nobody's way.
        try (OutputFile file = OutputFile.create(path, false)) {
            file.complete();
        }
        assertThat(OutputFile.leftovers(path)).isPresent();
        String command = words.substring(words.indexOf("rm --"));
        assertThat(new ProcessBuilder("sh", "-c", command).start().waitFor()).isZero();
        assertThat(OutputFile.leftovers(path)).isEmpty();
    }

    private static void end(Path path, boolean unnamed, String signal)
            throws IOException, InterruptedException {
        ProcessBuilder program = JavaProcess.of(
                List.of("--enable-native-access=ALL-UNNAMED", "-Xshare:auto"),
                Writer.class,
                path,
                unnamed);
        // Whatever the build was started with.
        program.command().addAll(0, List.of("env", "--default-signal"));
        Process process = program.redirectErrorStream(false)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("writing");
            assertThat(new ProcessBuilder("kill", "-s", signal, Long.toString(process.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
    }
}
