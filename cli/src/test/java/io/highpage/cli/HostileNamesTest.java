// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.cli.console.Printable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** Names that would do something to a terminal, in everything that is printed. */
class HostileNamesTest {
    /**
     * Red, the window's title, one character back, the same as C1 controls, and text turned round.
     */
    private static final String HOSTILE = "x\u001b[31m\u001b]0;t\u0007\b\u009b31m\u202ey";

    private static final String SHOWN = "x\\u001b[31m\\u001b]0;t\\u0007\\u0008\\u009b31m\\u202ey";

    @TempDir
    private Path folder;

    @Test
    void everyCommandShowsThemHarmlessly() throws IOException {
        Path file = Files.write(folder.resolve(HOSTILE), new byte[5000]);
        Path kernel = Files.writeString(
                folder.resolve(HOSTILE + ".cl"),
                "kernel void k(global uchar *a, global uchar *b) { b[0] = a[0]; }");
        Path trace = Files.writeString(folder.resolve(HOSTILE + ".trace"), "TRACE " + HOSTILE);
        shown(Cli.run("demo", file, "--device=host", "--out", folder.resolve(HOSTILE + "o")), 0);
        shown(Cli.run("demo", file, "--device=host", "--json"), 0);
        shown(Cli.run("demo", file, "--device", HOSTILE), 2);
        shown(Cli.run("demo", folder.resolve(HOSTILE + "no")), 1);
        shown(Cli.run("replay", trace), 1);
        shown(Cli.run("replay", trace, "--debug"), 1);
        shown(Cli.run("replay", "--from", trace), 1);
        shown(Cli.run("record", "-o", folder.resolve(HOSTILE), "true"), 2);
        shown(Cli.run("record", "-o", folder.resolve("a.jfr"), folder.resolve(HOSTILE + "no")), 1);
        shown(Cli.run(HOSTILE), 2);
        shown(Cli.run("run", kernel, "--kernel", HOSTILE, "--in", file, "--out", file), 2);
        if (Cli.hasOpenCl()) {
            shown(
                    Cli.run(
                            "run",
                            kernel,
                            "--kernel=k",
                            "--in",
                            file,
                            "--out",
                            folder.resolve(HOSTILE + "p")),
                    0);
            shown(
                    Cli.run(
                            "run",
                            kernel,
                            "--kernel",
                            HOSTILE,
                            "--in",
                            file,
                            "--out",
                            folder.resolve("q")),
                    1);
            Files.writeString(kernel, "#error " + HOSTILE + "\n");
            shown(
                    Cli.run(
                            "run",
                            kernel,
                            "--kernel=k",
                            "--in",
                            file,
                            "--out",
                            folder.resolve("q")),
                    1);
        }
    }

    /** Not a file with more arguments, although there is one without the @. */
    @Test
    void aNameMayBeginWithAnAt() throws Exception {
        Files.writeString(folder.resolve("name"), "--help");
        Files.write(folder.resolve("@name"), new byte[5000]);
        Process process = new ProcessBuilder(CliProcess.command("demo", "@name", "--device=host"))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said).contains("@name, 5,000 bytes", "verified").doesNotContain("Usage");
    }

    private static void shown(Cli result, int exitCode) {
        assertThat(result.exitCode()).as("%s", result).isEqualTo(exitCode);
        String all = result.out() + result.err();
        assertThat(all).containsIgnoringCase("\\u001b[31m"); // in JSON it is 001B
        assertThat(all.chars().filter(letter -> letter != '\n'))
                .noneMatch(letter ->
                        Character.isISOControl(letter) && letter != '\t' || letter == 0x202e);
    }

    @Test
    void jsonStaysJsonWithTheNameItself() throws IOException {
        Path file = Files.write(folder.resolve(HOSTILE), new byte[5000]);
        assertThat(Cli.run("demo", file, "--device=host", "--json")
                        .json()
                        .get("file")
                        .asText())
                .isEqualTo(file.toString());
    }

    @Test
    void textForTablesHasOneLine() {
        assertThat(Printable.line(HOSTILE)).isEqualTo(SHOWN);
        assertThat(Printable.line("a\nb\tc\u00e9 \ud83d\ude00"))
                .isEqualTo("a\\u000ab\tc\u00e9 \ud83d\ude00");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TRACE kind=coherent pages=600000 seed=1 populated=1",
                "TRACE kind=coherent pages=65537 seed=1 populated=1"
            })
    void aTraceOfAbsurdSizeIsAnErrorInItsFile(String header) throws IOException {
        Path trace = Files.writeString(folder.resolve("big.trace"), header + "\nEND\n");
        Cli.run("replay", trace).fails(1, "big.trace:1: expected 1 to 65536 pages, found pages=");
    }

    @Test
    void aLineThatNeverEndsIsAnErrorInItsFile() throws IOException {
        Path trace = Files.writeString(
                folder.resolve("long.trace"),
                "TRACE kind=coherent pages=4 seed=1 populated=1\n" + "x".repeat(3 << 20)
                        + "\nEND\n");
        Cli.run("replay", trace)
                .fails(1, "long.trace:2: expected a line of at most 1048576 characters");
        Cli.run("replay", "/dev/zero")
                .fails(1, "/dev/zero:1: expected a line of at most 1048576 characters");
    }

    @Test
    void returnsAtTheEndsOfLinesAreNoPartOfATrace() throws IOException {
        Path trace = Files.writeString(
                folder.resolve("dos.trace"),
                "TRACE kind=coherent pages=4 seed=1 populated=1\r\nEND\r\n");
        assertThat(Cli.run("replay", trace).succeeds().out()).contains("1 passed");
    }

    @Test
    void aLimitBelowAPageIsToldAsTheLimitItIs() throws IOException {
        Path file = Files.write(folder.resolve("data"), new byte[5000]);
        Cli.run("demo", file, "--device=host", "--device-memory=1").fails(1, "--device-memory");
        if (Cli.hasOpenCl()) {
            Path kernel = Files.writeString(
                    folder.resolve("k.cl"),
                    "kernel void k(global uchar *a, global uchar *b) { b[0] = a[0]; }");
            Cli.run(
                            "run",
                            kernel,
                            "--kernel=k",
                            "--in",
                            file,
                            "--out",
                            folder.resolve("out"),
                            "--device-memory=1")
                    .fails(1, "--device-memory is 1 B");
        }
    }

    @Test
    void printableLetsEverythingElsePass() {
        String plain = IntStream.rangeClosed(' ', '~')
                .mapToObj(Character::toString)
                .reduce("", String::concat);
        assertThat(Printable.line(plain)).isEqualTo(plain);
    }
}
