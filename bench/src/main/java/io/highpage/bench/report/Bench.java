// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.bench.CopyParts;
import io.highpage.bench.EventCost;
import io.highpage.bench.Metadata;
import io.highpage.bench.Numbers;
import io.highpage.bench.Quantity;
import io.highpage.bench.Requirements;
import io.highpage.bench.RoomLatency;
import io.highpage.bench.policy.ScarceTraffic;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Runs the suite and compares the figures with the numbers to reach. */
public final class Bench {
    private static final List<String> WITHOUT_TASKS =
            List.of("metadata", "latency", "scarce", "room", "events", "parts", "shared", "turns");

    private final Suite suite;
    private final Pattern only;
    private final Measurer measurer;

    /**
     * Prepares a run.
     *
     * @param suite what to run
     * @param only the classes to run; the others' rows say that they were left out
     * @param log gets what JMH says
     * @param progress is told what runs
     */
    public Bench(Suite suite, Pattern only, Path log, Consumer<String> progress) {
        this.suite = suite;
        this.only = only;
        this.measurer = new Measurer(suite.form(), log, progress);
    }

    /**
     * Measures.
     *
     * @param command for the report
     * @param commit for the report
     * @return the report
     */
    public Report run(String command, String commit) {
        String time = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Machine machine = Machine.find(suite);
        Figures figures = new Figures();
        for (Task task : suite.tasks()) {
            if (isWanted(task.type(), figures)) {
                measurer.run(task, figures);
            }
        }
        withoutTasks(figures);
        linkShare(figures);
        List<Row> rows =
                Goals.of(suite).stream().map(goal -> Row.of(goal, figures)).toList();
        return new Report(
                command,
                time,
                commit,
                suite.form(),
                machine,
                rows,
                figures.quantities(),
                figures.all());
    }

    /**
     * {@return the names of all that can be measured, which {@code --only} is matched against}
     *
     * @param suite what there is to run
     */
    public static List<String> names(Suite suite) {
        return Stream.concat(suite.tasks().stream().map(Task::type), WITHOUT_TASKS.stream())
                .distinct()
                .toList();
    }

    /** What is measured here, and not by a task in a process of its own. */
    private void withoutTasks(Figures figures) {
        if (isWanted("metadata", figures)) {
            long pages = suite.form().tablePages().getLast();
            figures.add(Metadata.table(pages));
            figures.add(Metadata.javaObjects(suite.form().rangePages()));
        }
        if (suite.others() && isWanted("latency", figures)) {
            for (Copying copying : suite.form().latencyCopying()) {
                LatencyRun.of(copying, suite.form().latencyBytes(), suite.form().latencyMillis())
                        .forEach(figures::add);
            }
        }
        if (isWanted("scarce", figures)) {
            scarce(figures, "host", "host");
            scarce(figures, "host-private", "host-private");
            scarce(figures, "opencl", suite.openClDevice());
        }
        if (isWanted("room", figures)) {
            RoomLatency.measure(suite.form().roomSamples()).forEach(figures::add);
        }
        if (isWanted("events", figures)) {
            EventCost.measure(suite.form().eventTurns(), suite.form().eventMillis())
                    .forEach(figures::add);
        }
        moves(figures);
    }

    private void parts(String device, long sleepNanos, Figures figures) {
        CopyParts.measure(
                        device,
                        sleepNanos,
                        suite.form().partTrips(),
                        suite.form().partMillis())
                .forEach(figures::add);
    }

    /** What a move consists of, and whether its copies had better be shared. */
    private void moves(Figures figures) {
        if (isWanted("parts", figures)) {
            for (String device : Requirements.deviceNames()) {
                parts(device, 0, figures);
            }
            parts("host-private", 20_000, figures); // about as long as PoCL takes for a page
        }
        if (isWanted("shared", figures)) {
            for (Condition condition : Condition.values()) {
                SharingRun.of(condition, suite.form(), figures);
            }
        }
        if (isWanted("turns", figures)) {
            suite.turns().forEach(device -> turns(device, figures));
        }
    }

    private void turns(String device, Figures figures) {
        Optional<String> missing = Requirements.openCl(device);
        for (Condition condition : Condition.values()) {
            if (missing.isPresent()) {
                figures.miss(PeersRun.quantity(condition, device) + ".", missing.get());
            } else {
                PeersRun.of(condition, device, suite.form(), figures);
            }
        }
    }

    /** What moves where a quarter fits, and how many times as long it takes as where all does. */
    private void scarce(Figures figures, String name, String device) {
        Optional<String> missing = Requirements.openCl(device);
        if (missing.isPresent()) {
            figures.miss("scarce." + name + ".", missing.get());
            return;
        }
        ScarceTraffic.measure(
                        name, device, suite.form().scarceSpans(), suite.form().scarcePasses())
                .forEach(figures::add);
        try {
            Comparison found = Comparison.cost(
                    figures.of("ScarceBenchmark.fourTimes", "device", device),
                    figures.of("ScarceBenchmark.fits", "device", device));
            figures.add(new Quantity(
                    "scarce." + name + ".time",
                    found.ratio(),
                    "times as long as where all fits",
                    Numbers.text(found.ratio()) + " times as long as where all fits: "
                            + found.note()));
        } catch (NotMeasured none) {
            // Left out by --only.
        }
    }

    /**
     * How much of what the driver's own page-locked copy reaches a round trip reaches: on a GPU,
     * the share of its link.
     */
    private void linkShare(Figures figures) {
        for (long bytes : suite.form().peerBytes(suite.openClDevice())) {
            try {
                Comparison found = Comparison.speed(
                        linkFigure(figures, "highpage", bytes),
                        linkFigure(figures, "pageLockedWriteAndRead", bytes));
                String what = "of the driver's own page-locked copy, round trip of "
                        + Numbers.size(bytes);
                figures.add(new Quantity("link.share." + bytes, found.ratio(), what, found.note()));
            } catch (NotMeasured none) {
                // The peers' row says why.
            }
        }
    }

    private Figure linkFigure(Figures figures, String method, long bytes) {
        return figures.of(
                "PeersBenchmark." + method, "device", suite.openClDevice(), "bufferBytes", bytes);
    }

    private boolean isWanted(String type, Figures figures) {
        if (only.matcher(type).find()) {
            return true;
        }
        figures.miss(type + ".", Row.LEFT_OUT);
        return false;
    }
}
