// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.highpage.cli.replay.TraceParser;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class ReplayCommandTest {
    @TempDir
    private Path folder;

    static Path traces(String kind) {
        try {
            return Path.of(ReplayCommandTest.class
                    .getResource("/kernel-traces/" + kind + ".trace")
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "host, coherent, 70",
        "opencl, coherent, 70",
        "host-private, private, 33",
        "opencl-private, private, 33",
        "opencl-buffer, private, 33"
    })
    void everyTracePassesOnEveryDevice(String device, String kind, int count) {
        Cli.assumeDevice(device);
        Cli result = Cli.run("replay", "--device", device, traces(kind)).succeeds();
        assertThat(result.out()).isEqualToNormalizingNewlines(count + " passed, 0 failed\n");
    }

    @Test
    void withoutADeviceEachTraceGetsTheHostDeviceOfItsKind() {
        Cli result = Cli.run("replay", traces("coherent"), traces("private")).succeeds();
        assertThat(result.lastLine()).isEqualTo("103 passed, 0 failed");
    }

    @Test
    void aTraceOfTheWrongKindIsAUsageError() {
        Cli.run("replay", "--device", "host-private", traces("coherent"))
                .fails(
                        2,
                        "--device host-private is a private device",
                        "coherent.trace:1",
                        "of kind coherent");
        Cli.run("replay", "--device", "host", traces("coherent"), traces("private"))
                .fails(2, "--device host is a coherent device", "private.trace:1");
    }

    @Test
    void aDifferenceIsALineWithStepExpectedAndGot() throws IOException {
        Path file = write(
                "TRACE kind=coherent pages=2 seed=5 populated=1",
                "0 cpu_write 0 2 ret=0 snap=HH",
                "1 to_dev 0 1 snap=HD",
                "END");
        Cli result = Cli.run("replay", "--device", "host", file, traces("coherent"));
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out())
                .startsWith(file
                        + ":1 (seed 5) differs in line 3, step '1 to_dev 0 1': expected"
                        + " HD, got DH");
        assertThat(result.lastLine()).isEqualTo("70 passed, 1 failed");
    }

    @Test
    void aPinThatShouldHaveFailedIsADifference() throws IOException {
        Path file = write(
                "TRACE kind=coherent pages=1 seed=5 populated=1",
                "0 cpu_write 0 1 ret=0 snap=H",
                "1 pin_long 0 1 hold=0 ret=-16 snap=H",
                "END");
        Cli result = Cli.run("replay", file);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).contains("expected ret=-16 (busy), got success");
    }

    @Test
    void jsonHasCountsAndDifferences() throws IOException {
        Path file = write(
                "TRACE kind=private pages=1 seed=5 populated=0", "1 to_dev 0 1 snap=H", "END");
        Cli result = Cli.run("replay", file, "--json");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.json().get("failed").asInt()).isEqualTo(1);
        assertThat(result.json().at("/differences/0/expected").asText()).isEqualTo("H");
        assertThat(result.json().at("/differences/0/got").asText()).isEqualTo("P");
    }

    @Test
    void aMissingTraceIsToldByName() {
        Cli.run("replay", folder.resolve("none.trace")).fails(1, "none.trace", "no such file");
        Cli.run("replay", folder).fails(1, folder.toString(), "it is a folder");
        Cli.run("replay").fails(2, "FILE");
    }

    @Test
    void aTruncatedTraceIsToldByLine() throws IOException {
        List<String> lines = Files.readAllLines(traces("coherent")).subList(0, 20);
        Cli.run("replay", write(lines.toArray(String[]::new)))
                .fails(
                        1,
                        "cut.trace:21: expected END of the trace that starts in line 1, found"
                                + " the end of the file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "1 fly 0 1 snap=HH",
                "1 to_dev 0 1",
                "1 to_dev 1 2 snap=HH",
                "1 to_dev 0 0 snap=HH",
                "1 to_dev 0 1 snap=HHH",
                "1 to_dev 0 1 snap=HP",
                "1 cpu_write 0 1 ret=-5 snap=HH",
                "1 release hold=0 kind=long ret=0 snap=HH",
                "1 pin_long 0 1 hold=99999999999 ret=0 snap=HH",
                "TRACE kind=coherent pages=2 seed=5 populated=1"
            })
    void aMalformedLineIsToldByNumber(String line) throws IOException {
        Path file = write("TRACE kind=coherent pages=2 seed=5 populated=1", line, "END");
        Cli.run("replay", file).fails(1, "cut.trace:2: expected ", "found ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "END",
                "TRACE",
                "TRACE kind=other pages=2 seed=5 populated=1",
                "TRACE kind=private pages=0 seed=5 populated=1",
                "\u0000\u0001binary"
            })
    void aMalformedHeaderIsToldByNumber(String line) throws IOException {
        Cli.run("replay", write(line)).fails(1, "cut.trace:", "expected ");
    }

    /** Looked up one by one, they would take hours. */
    @Test
    void aTraceThatKeepsManySlotsIsReadInAMoment() {
        List<String> lines =
                new ArrayList<>(List.of("TRACE kind=coherent pages=1 seed=1 populated=0"));
        for (int slot = 0; slot < 200_000; slot++) {
            lines.add(slot + " get 0 1 hold=" + slot + " ret=0 snap=H");
        }
        lines.add("END");
        assertTimeout(Duration.ofSeconds(60), () -> TraceParser.read("many", lines));
    }

    @Test
    void aTraceThatTheHeapIsTooSmallForIsToldInWords() throws Exception {
        int pages = 65_536;
        Path file = write(
                "TRACE kind=coherent pages=" + pages + " seed=1 populated=0",
                "0 cpu_write 0 " + pages + " ret=0 snap=" + "H".repeat(pages),
                "END");
        List<String> command = new ArrayList<>(CliProcess.command("replay", file));
        command.add(1, "-Xmx64m");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said)
                .startsWith("highpage: Java ran out of memory: ")
                .contains("-Xmx")
                .doesNotContain("\tat ");
        assertThat(process.waitFor()).isEqualTo(1);
    }

    private Path write(String... lines) throws IOException {
        return Files.write(folder.resolve("cut.trace"), List.of(lines));
    }
}
