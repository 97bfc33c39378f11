// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static io.highpage.cli.recording.RecordingMaker.now;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.cli.recording.Recorded.BufferAllocation;
import io.highpage.cli.recording.Recorded.Migration;
import io.highpage.cli.recording.Recorded.Pin;
import io.highpage.cli.recording.Recorded.Unpin;
import io.highpage.cli.recording.RecordingMaker;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A recording of an hour with a million moves. */
class TimelineSizeTest {
    private static final int MOVES = 1_000_000;
    private static final int BUFFERS = 300;
    private static final long PAGE = 4096;
    private static final Pattern MOVED = Pattern.compile(
            "Batches of pages moved</bdi></td><td class=\"number\" data-value=\"(\\d+)");

    @TempDir
    Path folder;

    private Path anHour() throws IOException {
        Path file = folder.resolve("hour.jfr");
        long begun = System.nanoTime();
        try (RecordingMaker maker = new RecordingMaker()) {
            for (int buffer = 1; buffer <= BUFFERS; buffer++) {
                maker.add(new BufferAllocation(
                        now(), "highpage-1", buffer, 1 << 26, PAGE, 1 << 21, "highpage-1"));
            }
            for (int move = 0; move < MOVES; move++) {
                add(maker, move);
            }
            maker.to(file);
        }
        int times = (int) (3_600_000_000_000L / (System.nanoTime() - begun));
        RecordingMaker.stretch(file, times);
        return file;
    }

    private static void add(RecordingMaker maker, int move) {
        long buffer = move % BUFFERS + 1;
        boolean back = move / BUFFERS % 2 == 1;
        maker.add(new Migration(
                now(),
                "highpage-1",
                buffer,
                back ? "opencl" : "home",
                back ? "home" : "opencl",
                move / BUFFERS / 2 % 1000 * 16,
                16,
                16 * PAGE,
                0,
                1,
                back ? "evict" : "access",
                "driver",
                500,
                20_000,
                ""));
        if (move % 5 == 0) {
            String owner = "worker " + move % 20_000;
            maker.add(new Pin(now(), "highpage-1", buffer, 0, PAGE, owner, "READ", "RUNTIME"));
            if (move % 1000 != 0) {
                maker.add(new Unpin(
                        now(),
                        "highpage-1",
                        buffer,
                        0,
                        PAGE,
                        owner,
                        "READ",
                        1_000L * (move % 777)));
            }
        }
    }

    /** Makes a file of it in a gibibyte. {@return the seconds of a processor that it took} */
    private long seconds(Path recording, Path out, Object... more) throws Exception {
        Path said = folder.resolve("said");
        List<Object> words = new ArrayList<>(List.of("timeline", recording, "-o", out));
        words.addAll(List.of(more));
        Process process = new ProcessBuilder(CliProcess.command(
                        List.of("-Xmx1g", "--enable-native-access=" + CliProcess.MODULES),
                        words.toArray()))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        long seconds = 0;
        while (!process.waitFor(50, TimeUnit.MILLISECONDS)) {
            seconds = process.info().totalCpuDuration().map(Duration::toSeconds).orElse(seconds);
        }
        assertThat(process.exitValue()).as("%s", Files.readString(said)).isZero();
        System.out.printf(
                "timeline %s: %,d bytes of recording, %d s of a processor, %,d bytes%n",
                out.getFileName(), Files.size(recording), seconds, Files.size(out));
        return seconds;
    }

    private static int moved(Path page) throws IOException {
        Matcher moved = MOVED.matcher(Files.readString(page));
        assertThat(moved.find()).isTrue();
        return Integer.parseInt(moved.group(1));
    }

    /** Each takes some seconds of a processor, and more beside others at work. */
    @Test
    void timeline_ofAnHourWithAMillionMoves_isMadeInAGibibyte() throws Exception {
        Path recording = anHour();
        Path page = folder.resolve("hour.html");
        assertThat(seconds(recording, page)).isLessThan(40);
        assertThat(Files.size(page)).isLessThan(1 << 20);
        // The recorder may lose a few where a disk is slow.
        assertThat(moved(page)).isBetween(MOVES * 9 / 10, MOVES);

        Path part = folder.resolve("minutes.html");
        assertThat(seconds(recording, part, "--from", "30min", "--to", "36min")).isLessThan(40);
        assertThat(moved(part)).isBetween(1, MOVES / 2);

        Path trace = folder.resolve("hour.pftrace");
        assertThat(seconds(recording, trace)).isLessThan(40);
        // A begin and an end of each move.
        assertThat(Files.size(trace)).isGreaterThan(2L * 50 * MOVES * 9 / 10);
    }
}
