// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ucx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.junit.HighpageLeakCheck;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

@ExtendWith(HighpageLeakCheck.class)
@Timeout(300)
class SenderTest {
    private static final Pattern OTHER = Pattern.compile("the other one (\\d+);");
    private static final String[] MANY = {"--device", "host", "--mib", "1", "--rounds", "1000000000"
    };

    @BeforeEach
    @SuppressWarnings("restricted")
    void requireUcx() {
        try {
            SymbolLookup.libraryLookup("libucp.so.0", Arena.global());
        } catch (IllegalArgumentException absent) {
            assumeTrue(
                    Boolean.parseBoolean(System.getenv("HIGHPAGE_REQUIRE_UCX")),
                    "no UCX: libucp.so.0 is not installed; apt-get install -y libucx0");
            throw absent;
        }
    }

    private static void requireOpenCl(String device) {
        if (!device.equals("host")
                && !Boolean.parseBoolean(System.getenv("HIGHPAGE_REQUIRE_OPENCL"))) {
            try (Words words = Words.on("auto", 1 << 20)) {
                words.highpage().close();
                assumeTrue(words instanceof OpenClWords, "no OpenCL");
            }
        }
    }

    private record Ended(int status, String said) {}

    /** Tells each line of the first process when it is printed, by the thread that prints it. */
    private static Ended run(Consumer<String> line, String... arguments) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8) {
            @Override
            public void println(String text) {
                super.println(text);
                line.accept(text);
            }
        };
        return new Ended(
                Sender.run(List.of(arguments), out), said.toString(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "opencl", "opencl-private", "opencl-buffer"})
    void wordsArrive_whateverTheWay(String device) {
        requireOpenCl(device);
        Ended ended =
                run(line -> {}, "--device", device, "--mib", "2", "--rounds", "6", "--compare");
        assertThat(ended.status()).as(ended.said()).isZero();
        assertThat(ended.said())
                .contains("6 rounds of 2 MiB, all sums equal on both devices")
                .contains("PINNED: 1.00 times", "STAGED: ", "ARRAY: ")
                .contains(device.equals("host") ? "Java on built-in device" : "driver");
    }

    @Test
    void nothingIsLeftOpen() throws IOException {
        String[] arguments = {"--device", "host", "--mib", "1", "--rounds", "3"};
        run(line -> {}, arguments); // UCX keeps what it has found out
        long before = descriptors();
        Ended ended = run(line -> {}, arguments);
        assertThat(ended.status()).as(ended.said()).isZero();
        assertThat(descriptors()).isEqualTo(before);
        assertThat(ProcessHandle.current().children()).isEmpty();
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    /** Before the first round, and after it. */
    @ParameterizedTest
    @ValueSource(strings = {"this is process", "the first round is there"})
    void theSecondProcessDies(String when) {
        Ended ended = run(
                line -> {
                    if (line.startsWith(when)) {
                        ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
                    }
                },
                MANY);
        assertThat(ended.status()).as(ended.said()).isEqualTo(1);
        assertThat(ended.said()).contains("the other process has ended");
    }

    @Test
    void theSecondProcessHangs() {
        List<String> arguments = new ArrayList<>(List.of(MANY));
        arguments.addAll(List.of("--seconds", "10"));
        Ended ended = run(
                line -> {
                    if (line.startsWith("the first round")) {
                        ProcessHandle.current().children().forEach(SenderTest::stop);
                    }
                },
                arguments.toArray(String[]::new));
        assertThat(ended.status()).as(ended.said()).isEqualTo(1);
        assertThat(ended.said())
                .containsPattern("took longer than 10 s|has not told its .* for 10 s");
        assertThat(ProcessHandle.current().children()).isEmpty();
    }

    private static void stop(ProcessHandle process) {
        try {
            new ProcessBuilder("kill", "-STOP", "" + process.pid()).start().waitFor();
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Test
    void theFirstProcessDies() throws Exception {
        Process first = start();
        List<String> said = new ArrayList<>();
        try (BufferedReader lines = first.inputReader()) {
            String line;
            while ((line = lines.readLine()) != null && !line.startsWith("the first round")) {
                said.add(line);
            }
            Matcher other = OTHER.matcher(said.toString());
            assertThat(other.find()).as(said.toString()).isTrue();
            ProcessHandle second =
                    ProcessHandle.of(Long.parseLong(other.group(1))).orElseThrow();
            first.destroyForcibly().waitFor();
            second.onExit().get(120, TimeUnit.SECONDS);
        } finally {
            first.destroyForcibly();
        }
    }

    /** The process that runs this, with more options, and {@link #MANY} rounds to send. */
    private static Process start(String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of(options));
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), Sender.class.getName()));
        command.addAll(List.of(MANY));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** It looks for UCX with a library of its own, which it cannot unpack here. */
    @Test
    void noUcx_isSaidInASentence() throws Exception {
        Process first = start("-Djava.io.tmpdir=/nowhere");
        try (BufferedReader lines = first.inputReader()) {
            assertThat(lines.lines())
                    .anyMatch(line -> line.startsWith("ucx: ")
                            && line.contains("no UCX: ")
                            && line.contains("apt-get install libucx0"));
            assertThat(first.waitFor()).isEqualTo(1);
        } finally {
            first.destroyForcibly();
        }
    }

    @Test
    void aWrongCommandLine_isTold() {
        Ended ended = run(line -> {}, "--mib", "many");
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.said())
                .contains("ucx: --mib takes a number from 1 to 1023, not many")
                .contains("Usage: Sender");
    }
}
