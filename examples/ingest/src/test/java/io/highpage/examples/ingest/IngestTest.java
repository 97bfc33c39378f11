// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.junit.HighpageLeakCheck;
import io.highpage.testkit.Seccomp;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

@ExtendWith(HighpageLeakCheck.class)
@Timeout(300)
class IngestTest {
    /** Three pieces and a part of one, in room for two. */
    private static final long RECORDS = 3L * Pipeline.PIECE / Records.BYTES + 1001;

    private static final String MEMORY = "17M";

    @TempDir
    static Path data;

    private static Path input;

    @TempDir
    Path folder;

    private Path output;

    @BeforeAll
    static void make() throws IOException {
        input = data.resolve("readings");
        Records.make(input, RECORDS);
    }

    @BeforeEach
    void choose() {
        output = folder.resolve("kept");
    }

    @AfterEach
    void nothingIsLeftOpen() throws IOException {
        assertThat(folder.resolve("kept.part")).doesNotExist();
        List<String> open = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : descriptors.toList()) {
                try {
                    open.add(Files.readSymbolicLink(each).toString());
                } catch (IOException gone) { // the list's own
                    continue;
                }
            }
        }
        assertThat(open)
                .noneMatch(file -> file.contains("io_uring")
                        || file.startsWith(folder.toString())
                        || file.startsWith(data.toString()));
        assertThat(Files.readAllLines(Path.of("/proc/self/maps")))
                .noneMatch(line -> line.contains("io_uring"));
    }

    private record Ended(int status, String said) {}

    private Ended ingest(Path from, LongConsumer progress, String... options) {
        List<String> arguments = new ArrayList<>(Arrays.asList(options));
        arguments.addAll(List.of("--memory", MEMORY, from.toString(), output.toString()));
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int status = Ingest.run(
                arguments, new PrintStream(said, true, StandardCharsets.UTF_8), progress);
        return new Ended(status, said.toString(StandardCharsets.UTF_8));
    }

    private Ended ingest(Path from, String... options) {
        return ingest(from, bytes -> {}, options);
    }

    private static void requireOpenCl(String device) throws IOException {
        if (device.equals("host")
                || Boolean.parseBoolean(System.getenv("HIGHPAGE_REQUIRE_OPENCL"))) {
            return;
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Job any = new Job(input, input, 0, Pipeline.PIECE, false);
        try (Filter filter = Ingest.filter("auto", any, new PrintStream(said))) {
            filter.memory().close();
            assumeTrue(filter instanceof OpenClFilter, said::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "host, false", "host, true",
        "opencl, false", "opencl, true",
        "opencl-private, true", "opencl-buffer, true"
    })
    void whatIsKept_isWhatJavaKeeps(String device, boolean ring) throws IOException {
        requireOpenCl(device);
        Ended ended = ring
                ? ingest(input, "--device", device)
                : ingest(input, "--device", device, "--no-uring");
        assertThat(ended.status()).as(ended.said()).isZero();
        byte[] all = Files.readAllBytes(input);
        byte[] expected = new byte[all.length];
        int count = Records.keep(MemorySegment.ofArray(all), MemorySegment.ofArray(expected), 900);
        byte[] kept = Files.readAllBytes(output);
        assertThat(kept.length).isEqualTo(count * Records.BYTES);
        assertThat(Arrays.mismatch(kept, 0, kept.length, expected, 0, kept.length))
                .isEqualTo(-1);
        assertThat(ended.said())
                .contains("kept " + count + " of " + RECORDS + " records")
                .contains(device.equals("host") ? "Java on built-in device" : "driver")
                .satisfies(said -> assertThat(said.contains("FileChannel (as --no-uring says)"))
                        .isEqualTo(!ring));
    }

    @Test
    void nothingKept_isAnEmptyFile() throws IOException {
        Ended ended = ingest(input, "--device", "host", "--threshold", "1000");
        assertThat(ended.status()).as(ended.said()).isZero();
        assertThat(output).isEmptyFile();
    }

    @Test
    void anEmptyFile_isOneAfterwards() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty"));
        Ended ended = ingest(empty, "--device", "host");
        assertThat(ended.status()).as(ended.said()).isZero();
        assertThat(output).isEmptyFile();
    }

    @Test
    void bothWays_writeTheSame() throws IOException {
        requireOpenCl("opencl");
        Ended ended = ingest(input, "--compare");
        assertThat(ended.status()).as(ended.said()).isZero();
        assertThat(ended.said()).contains("plain, two pieces at a time: ");
    }

    /** What an earlier run left is replaced, and compared with nothing. */
    @Test
    void comparing_replacesAnOlderOutput() throws IOException {
        requireOpenCl("opencl");
        Files.writeString(output, "older");
        Ended ended = ingest(input, "--compare");
        assertThat(ended.status()).as(ended.said()).isZero();
        byte[] kept = Files.readAllBytes(output);
        assertThat(ingest(input, "--device", "host").status()).isZero();
        assertThat(output).hasBinaryContent(kept);
        assertThat(folder).isDirectoryNotContaining("glob:**.again*");
    }

    /** As in a container, whose filter of system calls has no io_uring. */
    @Test
    void aKernelThatRefusesIoUring_isTold_andFilesAreReadByChannels() throws Exception {
        assumeTrue(Seccomp.isSupported(), "the numbers are of x86-64");
        Ended ended = process("exec \"$@\"", WithoutIoUring.class, "--threshold", "900");
        assertThat(ended.status()).as(ended.said()).isZero();
        assertThat(ended.said()).contains("FileChannel (", "seccomp profile", "kept ");
        byte[] kept = Files.readAllBytes(output);
        assertThat(ingest(input, "--device", "host").status()).isZero();
        assertThat(output).hasBinaryContent(kept);
    }

    private void assertFailed(Ended ended, String... words) {
        assertThat(ended.status()).as(ended.said()).isEqualTo(1);
        assertThat(ended.said()).contains(words).contains(output + " is as it was");
        assertThat(output).doesNotExist();
    }

    @Test
    void noInput() {
        Path absent = folder.resolve("absent");
        assertFailed(
                ingest(absent, "--device", "host"),
                "cannot read " + absent + ": no such file or folder");
    }

    @Test
    void notRecords() throws IOException {
        Path odd = Files.write(folder.resolve("odd"), new byte[100]);
        assertFailed(
                ingest(odd, "--device", "host"), "its length of 100 bytes is not a multiple of 64");
    }

    @Test
    void noFolderToWriteTo() {
        output = folder.resolve("absent").resolve("kept");
        assertFailed(
                ingest(input, "--device", "host"),
                "cannot write " + output + ": no such file or folder");
    }

    @Test
    void whatIsNoRegularFile_isNotReplaced() throws Exception {
        output = folder.resolve("pipe");
        assumeTrue(run("mkfifo", output.toString()) == 0, "no mkfifo here");
        for (Path place : List.of(output, folder)) {
            output = place;
            Ended ended = ingest(input, "--device", "host");
            assertThat(ended.status()).as(ended.said()).isEqualTo(1);
            assertThat(ended.said())
                    .contains("cannot write " + place + ": it is there, and not a regular file");
        }
        assertThat(Files.readAttributes(folder.resolve("pipe"), BasicFileAttributes.class)
                        .isOther())
                .isTrue();
    }

    @Test
    void theInput_isNotReplaced() throws IOException {
        output = Files.createLink(folder.resolve("same"), input);
        Ended ended = ingest(input, "--device", "host");
        assertThat(ended.status()).as(ended.said()).isEqualTo(1);
        assertThat(ended.said()).contains("cannot write " + output + ": it is the input");
        assertThat(Files.size(output)).isEqualTo(RECORDS * Records.BYTES);
    }

    @Test
    void aFolder_isNotRead() {
        assertFailed(
                ingest(folder, "--device", "host"),
                "cannot read " + folder + ": it is not a regular file");
    }

    @Test
    void whatIsThere_isNotMadeAgain() {
        assertFailed(
                ingest(input, "--device", "host", "--make", "1M"),
                "cannot make " + input + ": it is there already",
                "without --make");
        assertThat(input).hasSize(RECORDS * Records.BYTES);
    }

    @Test
    void whatMayNotBeMade_isToldAsSuch() {
        assertThat(Ingest.failed("cannot write kept", new AccessDeniedException("kept.part")))
                .hasMessage("cannot write kept: permission denied");
    }

    @Test
    void whatAKilledRunLeft_isNamed() throws IOException {
        Path left = Files.createFile(folder.resolve("kept.part"));
        assertFailed(ingest(input, "--device", "host"), left + " is there", "remove it");
        Files.delete(left);
    }

    @Test
    void tooLittleMemory() {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int status = Ingest.run(
                List.of("--memory", "1M", "--device", "host", "" + input, "" + output),
                new PrintStream(said),
                bytes -> {});
        assertFailed(
                new Ended(status, said.toString(StandardCharsets.UTF_8)),
                "--memory 1048576 is too little");
    }

    /** Files of the kernel say that they are longer than they are. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theInputEndsEarly(boolean ring) throws IOException {
        Path shorter = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
        if (!Files.exists(shorter) || Files.size(shorter) % Records.BYTES != 0) {
            abort("no file that is shorter than it says: " + shorter);
        }
        long bytes = Files.readAllBytes(shorter).length;
        assertFailed(
                ring
                        ? ingest(shorter, "--device", "host")
                        : ingest(shorter, "--device", "host", "--no-uring"),
                "cannot read " + shorter + ": it ended at byte " + bytes);
    }

    @ParameterizedTest
    @CsvSource({"host, false", "host, true", "opencl, true"})
    void interrupted_inTheMiddle(String device, boolean ring) throws IOException {
        requireOpenCl(device);
        LongConsumer interrupt = bytes -> {
            if (bytes == 2L * Pipeline.PIECE) {
                Thread.currentThread().interrupt();
            }
        };
        Ended ended = ring
                ? ingest(input, interrupt, "--device", device)
                : ingest(input, interrupt, "--device", device, "--no-uring");
        assertThat(Thread.interrupted()).isTrue();
        assertFailed(ended, "interrupted");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theDiskIsFull(boolean ring) throws Exception {
        Path small = Files.createDirectory(folder.resolve("small"));
        String[] mount = {"mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", small.toString()};
        assumeTrue(run(mount) == 0, "no file system can be mounted here");
        output = small.resolve("kept");
        try {
            assertFailed(
                    ring
                            ? ingest(input, "--device", "host")
                            : ingest(input, "--device", "host", "--no-uring"),
                    "cannot write " + output + " beyond byte 0: ",
                    "o space left on device");
            assertThat(small).isEmptyDirectory();
        } finally {
            run("umount", small.toString());
        }
    }

    private static int run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException absent) {
            return -1;
        }
    }

    /** What a disk that is full is for whoever may not mount one. */
    @Test
    void theFileMayNotGrow() throws Exception {
        assertFailed(
                process("ulimit -f 64 && exec \"$@\"", Ingest.class),
                "cannot write " + output + " beyond byte 0: ",
                "ile too large");
    }

    /** Runs the example on the host device, in a process of its own that a shell starts. */
    private Ended process(String shell, Class<?> main, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                shell,
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                "--device",
                "host"));
        command.addAll(List.of(options));
        command.addAll(List.of(input.toString(), output.toString()));
        File said = folder.resolve("said").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said)
                .start();
        return new Ended(process.waitFor(), Files.readString(said.toPath()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--what | what is '--what'?",
                "--make x in out | --make takes a size such as 64M, not 'x'",
                "--make  in out | --make takes a size such as 64M, not ''",
                "--make -8M in out | --make takes a size such as 64M, not '-8M'",
                "--memory 99999999999G in out | --memory takes a size such as 64M, not '999999",
                "--threshold high in out | --threshold takes a number, not 'high'"
            })
    void aWrongCommandLine_isTold(String line, String words) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        assertThat(Ingest.run(List.of(line.split(" ")), new PrintStream(said), bytes -> {}))
                .isEqualTo(2);
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("ingest: " + words)
                .contains("Usage: Ingest");
    }
}
