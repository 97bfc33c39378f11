// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static io.highpage.cli.recording.RecordingMaker.now;
import static io.highpage.cli.recording.RecordingMaker.taking;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.highpage.cli.recording.Recorded;
import io.highpage.cli.recording.Recording;
import io.highpage.cli.recording.RecordingMaker;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

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
        List<List<Long>> rows = DrawnNumbers.of(drawn(page).get("all")).rows();
        assertThat(rows.stream().distinct())
                .containsExactly(List.of(600L, 200L), List.of(1400L, 200L), List.of(1200L, 400L));
    }

    private static JsonNode drawn(Path page) throws IOException {
        return DrawnNumbers.data(page).get("recordings").get(0);
    }

    /** Each has its own bytes, however many there are, and those without a colour are together. */
    @Test
    void devices_ofAnyNumber_countOnce() throws IOException {
        Path file = folder.resolve("devices.jfr");
        try (RecordingMaker maker = new RecordingMaker()) {
            maker.add(new Recorded.BufferAllocation(now(), "r", 1, 100_000, 100, 100_000, "b"));
            for (int look = 0; look < 2; look++) {
                maker.add(new Recorded.BufferResidency(
                        now(), "r", 1, 100_000, "b", "home", 72_000, 0));
                for (int device = 1; device <= 7; device++) {
                    maker.add(new Recorded.BufferResidency(
                            now(), "r", 1, 100_000, "b", "d" + device, device * 1000, 0));
                }
            }
            maker.to(file);
        }
        Path page = folder.resolve("devices.html");
        Cli.run("timeline", file, "-o", page).succeeds();
        assertThat(DrawnNumbers.data(page).get("tiers"))
                .extracting(JsonNode::asText)
                .containsExactly("home", "d7", "d6", "d5", "4 other devices");
        assertThat(DrawnNumbers.of(drawn(page).get("all")).rows().getLast())
                .containsExactly(72_000L, 7000L, 6000L, 5000L, 10_000L);
        assertThat(page).content().contains("Most in d1</th>", "Most in d7</th>");
    }

    /** What was before is known when a part begins, and counted in none of its sums. */
    @Test
    void part_hasWhatHappenedInIt_andWhatWasThere() throws Exception {
        Path file = folder.resolve("parts.jfr");
        try (RecordingMaker maker = new RecordingMaker()) {
            maker.add(new Recorded.BufferAllocation(now(), "r", 1, 1 << 20, 4096, 1 << 20, "b"));
            maker.add(moved(16));
            maker.add(new Recorded.Pin(now(), "r", 1, 0, 4096, "long", "READ", "RUNTIME"));
            maker.add(new Recorded.Pin(now(), "r", 1, 0, 8192, "ended before", "READ", "RUNTIME"));
            maker.add(new Recorded.Unpin(now(), "r", 1, 0, 8192, "ended before", "READ", 1000));
            Thread.sleep(300);
            maker.add(moved(32));
            maker.add(new Recorded.Unpin(now(), "r", 1, 0, 4096, "long", "READ", 0));
            Thread.sleep(300);
            maker.add(moved(64));
            maker.to(file);
        }
        long middle = times(file, Recorded.Migration.class).get(1);
        Path page = folder.resolve("part.html");
        Cli.run("timeline", file, "-o", page, "--from", middle - 1_000_000 + "ns")
                .succeeds();
        assertThat(page)
                .content()
                .contains(copied(96), "<bdi>long</bdi>")
                .doesNotContain("ended before");
        Cli.run(
                        "timeline",
                        file,
                        "-o",
                        page,
                        "--from",
                        middle - 100_000_000 + "ns",
                        "--to",
                        middle + 100_000_000 + "ns")
                .succeeds();
        assertThat(page).content().contains(copied(32), "200.0 ms from ");
        DrawnNumbers all = DrawnNumbers.of(drawn(page).get("all"));
        assertThat(all.rows())
                .containsExactly(
                        List.of((1L << 20) - 16 * 4096, 16L * 4096),
                        List.of((1L << 20) - 48 * 4096, 48L * 4096));
        assertThat(all.times().getFirst()).isBetween(middle - 101_000_000, middle - 99_000_000);
        assertThat(DrawnNumbers.of(drawn(page).get("copied")).sum(0)).isEqualTo(32 * 4096);
    }

    private static String copied(long pages) {
        return "<bdi>Bytes copied to devices</bdi></td><td class=\"number\" data-value=\""
                + pages * 4096 + '"';
    }

    private static Recorded moved(long pages) {
        return new Recorded.Migration(
                now(), "r", 1, "home", "d", 64, pages, pages * 4096, 0, 1, "access", "", 0, 9, "");
    }

    /** {@return when events of a kind ended, in nanoseconds from the start} */
    private static List<Long> times(Path file, Class<? extends Recorded> kind) {
        List<Long> times = new ArrayList<>();
        Recording.of(file).read(each -> {
            if (kind.isInstance(each)) {
                times.add(each.when().end());
            }
        });
        return times;
    }

    @Test
    void part_thatIsNone_isAnError() {
        Path page = folder.resolve("none.html");
        Cli.run("timeline", recording, "-o", page, "--from", "2s", "--to", "1500ms")
                .fails(2, "--to 1.500 s is not after --from 2.000 s");
        Cli.run("timeline", recording, "-o", page, "--from", "24h")
                .fails(1, "scarce.jfr ends after ", "before --from 86400.000 s");
        for (String time : List.of("-1s", "1 year", "", "99999999999h")) {
            Cli.run("timeline", recording, "-o", page, "--from", time).fails(2, "'" + time + "'");
        }
        assertThat(page).doesNotExist();
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
