// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Results that go where a shell sends them: the bytes of the result and nothing else. */
class StandardOutputTest {
    @TempDir
    private Path folder;

    private Path data;
    private Path expected;
    private Path sent;

    @BeforeEach
    void data() throws IOException {
        byte[] bytes = new byte[300_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        data = Files.write(folder.resolve("data"), bytes);
        expected = folder.resolve("expected");
        sent = folder.resolve("sent");
        Cli.run("demo", data, "--device", "host", "--out", expected).succeeds();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "LINK"})
    void thePipeGetsTheBytesAndTheReportGoesToStandardError(String out) throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("/dev/stdout"));
        String err = shell("\"$@\" | cat >" + sent, out.equals("LINK") ? link.toString() : out);
        assertThat(err).contains("device   host", "verified");
        assertThat(sent).hasSameBinaryContentAs(expected);
    }

    @Test
    void whatAShellAppendsToStays() throws Exception {
        Files.writeString(sent, "before");
        shell("\"$@\" >>" + sent, "/dev/stdout");
        byte[] bytes = Files.readAllBytes(sent);
        assertThat(new String(bytes, 0, 6)).isEqualTo("before");
        assertThat(bytes).hasSize(6 + (int) Files.size(expected));
    }

    @Test
    void anotherDescriptorGetsTheBytesAndTheReportStays() throws Exception {
        String err = shell("\"$@\" 3>" + sent + " >" + folder.resolve("report"), "/dev/fd/3");
        assertThat(err).isEmpty();
        assertThat(folder.resolve("report")).content().contains("verified");
        assertThat(sent).hasSameBinaryContentAs(expected);
    }

    @Test
    void recordedAccessesAreAResultToo() throws Exception {
        String err = shell(
                0,
                "\"$@\" >" + sent,
                "demo",
                data,
                "--device",
                "host",
                "--record-accesses",
                "/dev/stdout");
        assertThat(err).contains("device   host", "verified");
        assertThat(sent).content().startsWith("highpage-accesses 1\n").endsWith("read 0\n");
    }

    /** As Java's own are, of jars. The kernel would let root write to the file behind it. */
    @Test
    void aDescriptorThatIsOpenForReadingOnlyIsRefused() throws Exception {
        Files.writeString(sent, "before");
        for (String way : List.of("/dev/fd/3", "/proc/self/fd/3")) {
            assertThat(shell(1, "\"$@\" 3<" + sent, "demo", data, "--device", "host", "--out", way))
                    .isEqualTo("highpage: cannot write " + way + ": it is not open for writing\n");
        }
        assertThat(sent).hasContent("before");
    }

    @Test
    void whatCannotBePrintedIsAFailure() throws Exception {
        for (List<String> words :
                List.of(List.of("devices"), List.of("doctor", "--json"), List.of("--help"))) {
            assertThat(shell(1, "\"$@\" >/dev/full", words.toArray()))
                    .as("%s", words)
                    .isEqualTo("highpage: cannot write all of this to standard output\n");
        }
    }

    @Test
    void aReaderWhoHasEnoughIsNoFailure() throws Exception {
        assertThat(shell(0, "{ \"$@\"; echo $? >" + sent + "; } | true", "--help"))
                .isEmpty();
        assertThat(sent).hasContent("0");
    }

    /** {@return what went to standard error} */
    private String shell(String script, String out) throws IOException, InterruptedException {
        return shell(0, script, "demo", data, "--device", "host", "--out", out);
    }

    private String shell(int exitCode, String script, Object... words)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        command.addAll(CliProcess.command(words));
        Path err = folder.resolve("stderr");
        Process process =
                new ProcessBuilder(command).redirectError(err.toFile()).start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(err)).isEqualTo(exitCode);
        return Files.readString(err);
    }
}
