// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.Terms;

import jdk.jfr.Configuration;
import jdk.jfr.Recording;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Question: what do events cost, while nobody records them and while somebody does? Not JMH: by
 * turns in one process, in processor time of all its threads, those of the recorder too.
 *
 * <p>Hypothesis: nothing while nobody records them, even if the recorder is in use for other
 * things; with the continuous settings at most 1 % of a program that does nothing but migrate.
 * Refuted by more.
 *
 * <p>The program that migrates works on four times the memory of its device, span by span of 2 MiB:
 * each access brings one and has another one leave; then a page of it is pinned, which brings it
 * home.
 */
public final class EventCost {
    private static final long PAGE = 4096;
    private static final long SPAN = 2 << 20;
    private static final int SPANS = 16;
    private static final String SETTINGS = "/META-INF/highpage/highpage-";

    private final int turns;
    private final long nanos;

    private EventCost(int turns, long millis) {
        this.turns = turns;
        this.nanos = millis * 1_000_000;
    }

    /**
     * Measures.
     *
     * @param turns how often
     * @param millis of processor time each time
     * @return what a pin, a round trip and a program that migrates take while somebody records, to
     *     what they take while nobody does
     */
    public static List<Quantity> measure(int turns, long millis) {
        EventCost cost = new EventCost(turns, millis);
        List<Quantity> found = new ArrayList<>();
        try (Highpage hp =
                Highpage.builder().device(HostDevice.coherent(64 << 20)).open()) {
            PageRange page = Buffers.atHome(hp, 64 * PAGE, PAGE).range(0, PAGE);
            Terms terms = Pin.longTerm();
            Runnable pin = () -> page.pin(terms).close();
            found.add(cost.of("events.off.pin", pin, 1000, null));
            PageBuffer small = Buffers.atHome(hp, PAGE, PAGE);
            Runnable trip = () -> {
                Buffers.toDevice(small, hp);
                small.pin(terms).close();
            };
            found.add(cost.of("events.off.roundTrip", trip, 200, null));
            found.add(cost.of("events.profile.pin", pin, 1000, "profile"));
        }
        try (Highpage hp = Highpage.builder()
                .device(HostDevice.coherent(64 << 20))
                .deviceMemory(SPANS / 4 * SPAN)
                .open()) {
            PageBuffer buffer = hp.allocate(SPANS * SPAN, Allocation.defaults().spanBytes(SPAN));
            buffer.fill((byte) 1);
            Runnable work = () -> migrate(hp, buffer);
            found.add(cost.of("events.continuous.migrating", work, 1, "continuous"));
            found.add(cost.of("events.profile.migrating", work, 1, "profile"));
        }
        return found;
    }

    private static void migrate(Highpage hp, PageBuffer buffer) {
        for (long at = 0; at < buffer.byteSize(); at += SPAN) {
            buffer.range(at, SPAN).access(hp.device(), AccessMode.READ_WRITE).close();
            buffer.range(at, PAGE).pin(Pin.longTerm()).close();
        }
    }

    /**
     * {@return how many times as much processor time something takes while somebody records}
     *
     * @param settings those of the library's events; null: others are recorded, and none of these
     */
    private Quantity of(String name, Runnable step, int steps, String settings) {
        Turns without = new Turns();
        Turns with = new Turns();
        for (int turn = 0; turn < turns; turn++) {
            if (turn % 2 == 0) {
                measured(without, step, steps);
            }
            try (Recording recording = recording(settings)) {
                recording.start();
                measured(with, step, steps);
            }
            if (turn % 2 == 1) {
                measured(without, step, steps);
            }
        }
        double ratio = with.nanosOfOne() / without.nanosOfOne();
        return new Quantity(
                name,
                ratio,
                "times the processor time",
                Numbers.time(with.nanosOfOne()) + " against "
                        + Numbers.time(without.nanosOfOne()) + " of processor time, of " + turns
                        + " turns together");
    }

    /**
     * Begins to count when the JVM has compiled anew what a start or an end of a recording makes it
     * forget, which a program meets once and not all the time.
     */
    private void measured(Turns turn, Runnable step, int steps) {
        new Turns().add(step, steps);
        turn.add(step, steps);
    }

    /** What turns took together: a clock of processor time ticks a hundred times a second. */
    private final class Turns {
        private long spent;
        private long done;

        void add(Runnable step, int steps) {
            long before = processorNanos();
            long now;
            do {
                for (int i = 0; i < steps; i++) {
                    step.run();
                }
                done += steps;
                now = processorNanos();
            } while (now - before < nanos);
            spent += now - before;
        }

        double nanosOfOne() {
            return (double) spent / done;
        }
    }

    private static long processorNanos() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static Recording recording(String settings) {
        if (settings == null) {
            Recording others = new Recording();
            others.enable("jdk.ClassLoadingStatistics");
            for (String name : List.of("Pin", "Unpin", "Access", "AccessEnd", "Migration")) {
                others.disable("io.highpage." + name);
            }
            for (String name : List.of("Wait", "Rejection", "Move", "Eviction", "BudgetReached")) {
                others.disable("io.highpage." + name);
            }
            return others;
        }
        try (Reader reader = new InputStreamReader(
                Objects.requireNonNull(
                        Highpage.class.getResourceAsStream(SETTINGS + settings + ".jfc")),
                StandardCharsets.UTF_8)) {
            return new Recording(Configuration.create(reader));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (ParseException malformed) {
            throw new AssertionError(malformed); // a test parses it
        }
    }
}
