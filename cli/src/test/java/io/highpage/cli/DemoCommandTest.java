// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

class DemoCommandTest {
    private static final int ODD_BYTES = 5_000_003;
    private static final int SPAN = 2 << 20;
    private static final int LIMIT = 3 * SPAN;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "host, 4K", "host, 64K", "host, 2M", "host-private, 4K", "host-private, 64K",
                "host-private, 2M",
        "opencl, 4K", "opencl, 64K", "opencl, 2M", "opencl-private, 4K", "opencl-private, 64K",
                "opencl-private, 2M",
        "opencl-buffer, 4K", "opencl-buffer, 64K", "opencl-buffer, 2M"
    })
    void aFileComesOutRight(String device, String pageSize) throws IOException {
        Cli.assumeDevice(device);
        Path file = file(ODD_BYTES);
        Path out = folder.resolve("out");
        Cli result = Cli.run(
                        "demo", file, "--device", device, "--page-size", pageSize, "--out", out)
                .succeeds();
        assertThat(result.lastLine()).isEqualTo("verified");
        assertThat(result.out())
                .contains(
                        "load the file",
                        "move to the device",
                        "work on the device",
                        "long-term pin",
                        "came home from [D")
                .contains("check the bytes", "write it out", "release the pin", "send it back");
        assertThat(out).hasBinaryContent(mixed(Files.readAllBytes(file)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "host-private", "opencl", "opencl-private", "opencl-buffer"})
    void aFileMayBeSeveralTimesAsLargeAsDeviceMemory(String device) throws IOException {
        Cli.assumeDevice(device);
        Path file = file(4 * LIMIT - 5);
        Path out = folder.resolve("out");
        JsonNode story = Cli.run(
                        "demo",
                        file,
                        "--device",
                        device,
                        "--device-memory=" + LIMIT,
                        "--json",
                        "--out",
                        out)
                .succeeds()
                .json();
        assertThat(story.get("traffic").get("spansEvicted").asLong()).isGreaterThanOrEqualTo(18);
        JsonNode work = step(story, "work on the device");
        assertThat(work.get("spansEvicted").asLong()).isGreaterThanOrEqualTo(9);
        assertThat(work.get("bytesEvictedFree").asLong()).isZero();
        JsonNode reading = step(story, "read on the device"); // all of it was valid at home
        assertThat(reading.get("spansEvicted").asLong()).isGreaterThanOrEqualTo(9);
        assertThat(reading.get("bytesEvictedFree")).isEqualTo(reading.get("bytesEvicted"));
        assertThat(reading.get("bytesOut").asLong()).isZero();
        assertThat(story.get("verified").asBoolean()).isTrue();
        assertThat(story.get("rounds").asInt()).isEqualTo(1);
        assertThat(story.get("deviceMemory").asLong()).isEqualTo(LIMIT);
        assertThat(story.get("spans").asLong()).isEqualTo(12);
        assertThat(story.get("steps").findValuesAsText("step")).hasSize(10);
        assertThat(story.get("steps").findValuesAsText("residency"))
                .allMatch(map -> map.length() == 12)
                .contains("DDDHHHHHHHHH");
        assertThat(out).hasBinaryContent(mixed(Files.readAllBytes(file)));
    }

    private static JsonNode step(JsonNode story, String name) {
        for (JsonNode step : story.get("steps")) {
            if (step.get("step").asText().equals(name)) {
                return step.get("traffic");
            }
        }
        throw new AssertionError(name + " in " + story);
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "host-private", "opencl", "opencl-buffer"})
    void theDeviceNeedNotHaveRoomForMoreThanASpan(String device) throws IOException {
        Cli.assumeDevice(device);
        Path file = file(4 * SPAN + 7);
        JsonNode story = Cli.run(
                        "demo", file, "--device", device, "--device-memory=" + SPAN, "--json")
                .succeeds()
                .json();
        assertThat(story.get("verified").asBoolean()).isTrue();
        assertThat(story.get("spans").asLong()).isEqualTo(5);
        Cli.run("demo", file, "--device", device, "--device-memory=" + (SPAN - 1))
                .fails(1, "not even one span fits", "it needs 2 MiB", "--device-memory");
    }

    @Test
    void moreDeviceMemoryThanThereIs_isWhatThereIs() throws IOException {
        JsonNode story = Cli.run("demo", file(100), "--device=host", "--device-memory=7T", "--json")
                .succeeds()
                .json();
        JsonNode usual =
                Cli.run("demo", file(100), "--device=host", "--json").succeeds().json();
        assertThat(story.get("deviceMemory").asLong())
                .isEqualTo(usual.get("deviceMemory").asLong());
    }

    @Test
    void whatWasEvictedIsTold() throws IOException {
        Path file = file(2 * LIMIT);
        String out = Cli.run("demo", file, "--device", "host", "--device-memory=" + LIMIT)
                .succeeds()
                .out();
        assertThat(out).containsPattern("\n +\\d+ spans evicted: .* copied home, .* left for free");
        assertThat(out).containsPattern("\nin all   .* to the device, .* home from it; \\d+ spans");
        assertThat(Cli.run("demo", file, "--device", "host").succeeds().out())
                .doesNotContain("evicted");
    }

    /** The runtime logs it while the work is done; standard error stays empty. */
    @Test
    void aDeviceThatMovesMoreThanIsUsedIsToldAfterTheSteps() throws IOException {
        Path file = file(36 * SPAN);
        String out = Cli.run("demo", file, "--device", "host", "--device-memory=" + SPAN)
                .succeeds()
                .out();
        assertThat(out).containsPattern("\nin all .*\nnote {5}device host moves more than is used");
        JsonNode story = Cli.run("demo", file, "--device=host", "--device-memory=" + SPAN, "--json")
                .succeeds()
                .json();
        assertThat(story.get("notes").get(0).asText()).contains("raise the limit");
        story = Cli.run("demo", file, "--device=host", "--json").succeeds().json();
        assertThat(story.get("notes")).isEmpty();
    }

    @Test
    void accessesAreRecordedForTheSimulator() throws IOException {
        Path trace = folder.resolve("accesses");
        Cli.run(
                        "demo",
                        file(LIMIT + 6),
                        "--device",
                        "host",
                        "--device-memory=" + LIMIT,
                        "--record-accesses",
                        trace)
                .succeeds();
        assertThat(trace).hasContent("""
                highpage-accesses 1
                memory 6291456
                spans 3 2097152
                spans 1 4096
                modify 0 1 2 3
                read 0 1 2 3
                """);
        Path file = file(100);
        for (Path other : List.of(file, folder.resolve("out"))) {
            Cli.run(
                            "demo",
                            file,
                            "--device=host",
                            "--out",
                            folder.resolve("out"),
                            "--record-accesses",
                            other)
                    .fails(2, "--record-accesses " + other, "are the same file");
        }
    }

    @ParameterizedTest
    @EnumSource
    void theFileIsReadAndWrittenInBothWays(Io io) throws Exception {
        Path file = file(ODD_BYTES);
        Path out = folder.resolve("out");
        io.run(() -> {
            Cli result = Cli.run("demo", file, "--device", "host", "--out", out).succeeds();
            assertThat(result.lastLine()).isEqualTo("verified");
            assertThat(result.out()).contains("read by  " + io.description());
        });
        assertThat(out).hasBinaryContent(mixed(Files.readAllBytes(file)));
    }

    @Test
    void smallFilesWork() throws IOException {
        for (int bytes : new int[] {1, 3, 4, 4096, 4097}) {
            assertThat(Cli.run("demo", file(bytes), "--device", "host")
                            .succeeds()
                            .lastLine())
                    .isEqualTo("verified");
        }
    }

    @Test
    void theTemporaryFileIsGoneAfterwards() throws IOException {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        String out = Cli.run("demo", file(100), "--device", "host").succeeds().out();
        assertThat(out).contains("to a temporary file in " + folder);
        assertThat(folder).isDirectoryNotContaining("glob:**/.highpage-*");
    }

    @Test
    void aBadFileIsToldByName() throws IOException {
        Cli.run("demo", folder.resolve("none"), "--device", "host")
                .fails(1, "none", "no such file");
        Cli.run("demo", file(0), "--device", "host").fails(1, "data", "is empty");
        Cli.run("demo", folder, "--device", "host")
                .fails(1, folder.toString(), "not a regular file");
        Cli.run("demo", "/dev/zero", "--device", "host")
                .fails(1, "/dev/zero", "not a regular file");
    }

    @ParameterizedTest
    @CsvSource({
        "0, '0' is below 1",
        "-4K, '-4K' is not a size",
        "huge, 'huge' is not a size",
        "9999999999999999999, '9999999999999999999' is too large",
        "2K, 2048 is not a power of two from 4096",
        "3K, 3072 is not a power of two from 4096",
        "5000, 5000 is not",
        "2G, 2147483648 is not"
    })
    void aBadPageSizeIsToldByValue(String size, String message) throws IOException {
        Cli.run("demo", file(10), "--device", "host", "--page-size=" + size)
                .fails(2, "--page-size", message);
    }

    @Test
    void aBadDeviceMemoryIsToldByValue() throws IOException {
        Cli.run("demo", file(10), "--device", "host", "--device-memory", "0")
                .fails(2, "--device-memory", "'0'");
        Cli.run("demo", file(10), "--device", "host", "--device-memory", "1K")
                .fails(1, "not even one span fits", "it needs 4 KiB", "1 KiB", "--device-memory");
    }

    @Test
    void aFullDiskIsAnError() throws IOException {
        Cli.run("demo", file(10_000), "--device", "host", "--out", "/dev/full")
                .fails(1, "/dev/full", "No space left on device");
    }

    @Test
    void theFileItselfCannotBeTheOutput() throws IOException {
        Path file = file(100);
        byte[] before = Files.readAllBytes(file);
        Cli.run("demo", file, "--device", "host", "--out", file).fails(2, "is FILE itself");
        assertThat(file).hasBinaryContent(before);
    }

    private Path file(int bytes) throws IOException {
        byte[] data = new byte[bytes];
        new Random(bytes).nextBytes(data);
        return Files.write(folder.resolve("data"), data);
    }

    // The third way to say what the device does; the tail of the last word was zero.
    private static byte[] mixed(byte[] data) {
        ByteBuffer words =
                ByteBuffer.allocate((data.length + 3) / 4 * 4).order(ByteOrder.LITTLE_ENDIAN);
        words.put(0, data);
        for (int i = 0; i < words.capacity() / 4; i++) {
            int x = (words.getInt(4 * i) ^ (int) (i * 0x9e3779b9L));
            x = (x << 13 | x >>> 19) * 0x85ebca6b;
            words.putInt(4 * i, x ^ (x >>> 16));
        }
        byte[] out = new byte[data.length];
        words.get(0, out);
        return out;
    }
}
