// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class TimelineCommandTest {
    @TempDir
    static Path folder;

    private static Path recording;

    @BeforeAll
    static void record() throws IOException {
        recording = ScarceRecording.make(folder.resolve("scarce.jfr"), 20, 50);
    }

    @Test
    void timeline_ofARecording_isAPage() throws IOException {
        Path page = folder.resolve("page.html");
        assertThat(Cli.run("timeline", recording, "-o", page).succeeds().out())
                .contains("scarce.jfr: ", "written: " + page);
        assertThat(page).content().startsWith("<!DOCTYPE html>").endsWith("</html>\n");
        assertThat(Files.size(page)).isLessThan(2 << 20);
        Cli again =
                Cli.run("timeline", recording, recording, "-o", page, "--json").succeeds();
        assertThat(again.json().get("recordings")).hasSize(2);
        assertThat(again.json().get("bytes").asLong()).isEqualTo(Files.size(page));
    }

    @Test
    void timeline_forPerfetto_isATrace() throws IOException {
        Path trace = folder.resolve("scarce.pftrace");
        Cli.run("timeline", recording, "-o", trace).succeeds();
        // One packet behind the other: field 1, of any length.
        assertThat(Files.readAllBytes(trace)).startsWith(1 << 3 | 2).hasSizeGreaterThan(10_000);
    }

    @Test
    void timeline_thatCannotBe_endsInWords() throws IOException {
        Path page = folder.resolve("none.html");
        Path text = Files.writeString(folder.resolve("text.jfr"), "no recording");
        Cli.run("timeline", text, "-o", page).fails(1, "not a recording");
        Cli.run("timeline", recording, "-o", folder.resolve("page.txt"))
                .fails(2, ".html or .pftrace");
        Cli.run("timeline", recording).fails(2, "--out");
        Path same = Files.copy(recording, folder.resolve("same.html"));
        Cli.run("timeline", same, "-o", same).fails(2, "are the same file");
        Cli.run("timeline", recording, "-o", folder.resolve("no/page.html")).fails(1, "no/page");
        assertThat(page).doesNotExist();
    }

    @Test
    void timeline_ofACutRecording_saysSo() throws IOException {
        Path cut = folder.resolve("cut.jfr");
        byte[] bytes = Files.readAllBytes(recording);
        byte[] more = java.util.Arrays.copyOf(bytes, bytes.length + 100);
        Files.write(cut, more);
        Path page = folder.resolve("cut.html");
        Cli result = Cli.run("timeline", cut, "-o", page);
        assertThat(result.exitCode()).isZero();
        assertThat(result.err()).contains("is not whole: it was cut off: the last 100 bytes");
        assertThat(page).content().contains("This recording is not whole: it was cut off");
    }
}
