// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static io.highpage.cli.recording.RecordingMaker.now;
import static io.highpage.cli.recording.RecordingMaker.taking;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.cli.recording.Recorded;
import io.highpage.cli.recording.RecordingMaker;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

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
        Cli.run("timeline", recording, recording, recording, "-o", page).fails(2, "two at most");
        Path same = Files.copy(recording, folder.resolve("same.html"));
        Cli.run("timeline", same, "-o", same).fails(2, "are the same file");
        Cli.run("timeline", recording, "-o", folder.resolve("no/page.html")).fails(1, "no/page");
        assertThat(page).doesNotExist();
    }

    /** So an allocation has it; what the runtime counts at home is what was written. */
    @Test
    void pages_thatWereNeverWritten_countAtHome() throws IOException {
        Path file = folder.resolve("written.jfr");
        try (RecordingMaker maker = new RecordingMaker()) {
            maker.add(new Recorded.BufferAllocation(now(), "r", 1, 800, 100, 800, "b"));
            look(maker, 1, 200, 0);
            look(maker, 1, 300, 200); // 100 of them in both
            look(maker, 2, 300, 200); // was there before
            maker.to(file);
        }
        Path page = folder.resolve("written.html");
        Cli.run("timeline", file, "-o", page).succeeds();
        assertThat(page)
                .content()
                .containsPattern("\"all\":\\[\\[0,600,\\d+,1400,\\d+,1200],\\[0,200,\\d+,400]],");
    }

    private static void look(RecordingMaker maker, long buffer, long home, long device) {
        maker.add(new Recorded.Wait(
                taking(Duration.ofMillis(20)), "r", buffer, "access", 0, "PINNED"));
        maker.add(new Recorded.BufferResidency(now(), "r", buffer, 800, "b", "home", home, 100));
        if (device > 0) {
            maker.add(new Recorded.BufferResidency(now(), "r", buffer, 800, "b", "d", device, 100));
        }
    }

    /** Of holders without a name nobody knows the age. */
    @Test
    void holders_ofUnknownAge_areThoseThatWereSeenToBegin() throws IOException {
        Path file = folder.resolve("ages.jfr");
        try (RecordingMaker maker = new RecordingMaker()) {
            maker.add(new Recorded.Access(now(), "r", 1, "d", 0, 4096, "", "READ"));
            maker.add(new Recorded.Wait(
                    taking(Duration.ofMillis(200)), "r", 1, "access", 0, "PINNED"));
            for (int look = 0; look < 2; look++) {
                maker.add(seen("access", 0));
                maker.add(seen("hold", 8192));
            }
            maker.add(new Recorded.AccessEnd(now(), "r", 1, "d", 0, 4096, "", "READ", 200_000_000));
            maker.to(file);
        }
        Path page = folder.resolve("ages.html");
        Cli.run("timeline", file, "-o", page).succeeds();
        assertThat(page).content().contains("\"holders\":2}");
        assertThat(Files.readString(page).split("<bdi>still open", -1))
                .as("the hold, which is not known to have been there from the start")
                .hasSize(2);
        assertThat(page).content().doesNotContainPattern("=\"0\">0 ns</td>[^\n]*<bdi>still open");
    }

    private static Recorded seen(String kind, long offset) {
        return new Recorded.OpenHolder(
                now(), "r", 1, kind, offset, 4096, "", "main", "READ", "RUNTIME", "", 0);
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
