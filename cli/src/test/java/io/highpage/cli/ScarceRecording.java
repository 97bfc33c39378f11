// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static io.highpage.cli.recording.RecordingMaker.now;
import static io.highpage.cli.recording.RecordingMaker.taking;

import io.highpage.cli.recording.Moment;
import io.highpage.cli.recording.Recorded;
import io.highpage.cli.recording.Recording;
import io.highpage.cli.recording.RecordingMaker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A recording of work on four times the memory of a device, as it would be: spans come, leave for
 * others and come back, pins and accesses of owners with any names are in the way.
 */
final class ScarceRecording {
    static final long PAGE = 65_536;
    static final int SPAN_PAGES = 64;
    static final int SPANS = 16;
    /** Names that a page must not obey. */
    static final List<String> OWNERS = List.of(
            "loader",
            "</script><img src=x onerror=document.title='broken'>",
            "\u202Eevil\u202C \u05D0\u05D1\u05D2",
            "a very long name ".repeat(40),
            "",
            "bell\u0007 and\nline",
            "trainer");

    private final RecordingMaker maker;
    private final int rounds;
    private long moves;

    private ScarceRecording(RecordingMaker maker, int rounds) {
        this.maker = maker;
        this.rounds = rounds;
    }

    /** Makes one. {@return its file} */
    static Path make(Path file, int rounds, int stretched) throws IOException {
        try (RecordingMaker maker = new RecordingMaker()) {
            new ScarceRecording(maker, rounds).run();
            maker.to(file);
        }
        RecordingMaker.stretch(file, stretched);
        return file;
    }

    /**
     * Makes one in which pages of a buffer move there and back, each time for 20 µs.
     *
     * @param moves how often they move
     * @param seconds how long it is made to be, with the moves at half of it; 0 for as it is
     * @return how many times as long it became
     */
    static int burst(Path file, int moves, int seconds) throws Exception {
        try (RecordingMaker maker = new RecordingMaker()) {
            ScarceRecording burst = new ScarceRecording(maker, 0);
            maker.add(new Recorded.BufferAllocation(
                    now(), "train", 1, bytes(SPANS), PAGE, SPAN_PAGES * PAGE, "train"));
            Thread.sleep(seconds > 0 ? 400 : 0);
            for (int move = 0; move < moves; move++) {
                boolean back = move % 8 >= 4;
                int span = move % 4;
                burst.move(
                        taking(Duration.ofNanos(20_000)),
                        1,
                        span,
                        back ? "opencl" : "home",
                        back ? "home" : "opencl",
                        "access");
            }
            Thread.sleep(seconds > 0 ? 400 : 0);
            maker.to(file);
        }
        long nanos = Recording.of(file).nanos();
        int times = (int) Math.max(1, seconds * 1_000_000_000L / nanos);
        RecordingMaker.stretch(file, times);
        return times;
    }

    private void run() {
        for (int buffer = 1; buffer <= 4; buffer++) {
            maker.add(new Recorded.BufferAllocation(
                    now(), "train", buffer, bytes(SPANS), PAGE, SPAN_PAGES * PAGE, "train"));
        }
        for (int round = 0; round < rounds; round++) {
            for (int span = 0; span < SPANS; span++) {
                step(round, 1 + span % 4, span);
            }
            state();
        }
        for (int buffer = 1; buffer <= 3; buffer++) {
            maker.add(new Recorded.BufferClose(now(), "train", buffer, bytes(SPANS)));
        }
    }

    private static long bytes(int spans) {
        return spans * SPAN_PAGES * PAGE;
    }

    private void step(int round, int buffer, int span) {
        String owner = OWNERS.get((round + span) % OWNERS.size());
        if (round > 0) {
            if (round % 2 == 0) { // else nothing moves
                move(now(), buffer, span, "opencl", "home", "making room");
            }
            maker.add(new Recorded.Eviction(
                    now(),
                    "train",
                    buffer,
                    "opencl",
                    span * SPAN_PAGES,
                    SPAN_PAGES,
                    bytes(1),
                    round % 2 == 0 ? bytes(1) : 0,
                    round % 2 != 0,
                    "Highpage",
                    0.5,
                    buffer % 4 + 1,
                    "access"));
        }
        maker.add(new Recorded.Wait(
                taking(Duration.ofNanos(20_000L * (1 + span))),
                "train",
                buffer,
                "access",
                span * SPAN_PAGES,
                span % 3 == 0 ? "ROOM" : "PINNED"));
        move(now(), buffer, span, "home", "opencl", "access");
        long offset = (long) span * SPAN_PAGES * PAGE;
        maker.add(new Recorded.Access(
                now(), "train", buffer, "opencl", offset, bytes(1), owner, "READ_WRITE"));
        if (span == 3) {
            maker.add(new Recorded.Pin(
                    now(), "train", buffer, offset, PAGE, owner, "WRITE", "PAGE_LOCKED"));
            maker.add(new Recorded.Rejection(
                    now(),
                    "train",
                    buffer,
                    "access",
                    0,
                    SPAN_PAGES,
                    owner,
                    "READ_WRITE",
                    "opencl",
                    5,
                    "PINNED"));
            maker.add(new Recorded.BudgetReached(
                    now(), "train", "train", "opencl", bytes(1), bytes(4), bytes(4)));
        }
        maker.add(new Recorded.Wait(
                taking(Duration.ofNanos(100_000)), "train", buffer, "prefetch", 0, "MOVING"));
        maker.add(new Recorded.AccessEnd(
                now(), "train", buffer, "opencl", offset, bytes(1), owner, "READ_WRITE", 100_000));
        if (span == 3 && round % 2 == 0) {
            maker.add(new Recorded.Unpin(
                    now(), "train", buffer, offset, PAGE, owner, "WRITE", 120_000));
        }
    }

    private void move(Moment when, int buffer, int span, String from, String to, String why) {
        moves++;
        maker.add(new Recorded.Migration(
                when,
                "train",
                buffer,
                from,
                to,
                span * SPAN_PAGES,
                SPAN_PAGES,
                bytes(1),
                0,
                1,
                why,
                "driver",
                1_000,
                50_000,
                moves % 50 == 0 ? "DeviceException" : ""));
    }

    private void state() {
        maker.add(new Recorded.TierUsage(now(), "train", "train", "opencl", bytes(3), bytes(4)));
        maker.add(
                new Recorded.TierUsage(now(), "train", "train", "home", bytes(40), Long.MAX_VALUE));
        maker.add(new Recorded.OpenHolder(
                now(), "train", 4, "hold", 0, PAGE, "watcher", "main", "READ", "", "", 1_000));
    }
}
