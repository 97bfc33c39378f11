// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.perfetto;

import io.highpage.cli.recording.Moment;
import io.highpage.cli.recording.Recorded;
import io.highpage.cli.recording.Recording;
import io.highpage.cli.timeline.Part;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Predicate;

/**
 * Writes recordings as a trace for Perfetto: a group of tracks for each runtime, and in it one for
 * each buffer, with its moves, its holders, and what waited, was refused or evicted; numbers of
 * bytes by tier. Events are written as they are read. Confined to one thread.
 */
final class PerfettoExport {
    private final PerfettoTrace trace;
    private final Map<String, Runtime> runtimes = new HashMap<>();
    private String prefix = "";
    private long start;
    private int processes;

    private PerfettoExport(PerfettoTrace trace) {
        this.trace = trace;
    }

    /**
     * Writes recordings, all from the time on at which the first begins.
     *
     * @param recordings one, or several to be compared
     * @param part what of them is written, with the buffers and holders that there were by then
     * @param out takes the trace; it should buffer, and is not closed
     * @throws IOException if it cannot be written
     */
    static void write(List<Recording> recordings, Part part, OutputStream out) throws IOException {
        Instant first = recordings.getFirst().start();
        long start = Math.addExact(
                Math.multiplyExact(first.getEpochSecond(), 1_000_000_000L), first.getNano());
        PerfettoExport export = new PerfettoExport(new PerfettoTrace(out, start));
        export.start = start;
        try {
            for (Recording recording : recordings) {
                export.runtimes.clear();
                if (recordings.size() > 1) {
                    export.prefix = recording.path().getFileName() + ": ";
                }
                export.add(recording, part);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void add(Recording recording, Part part) {
        Predicate<Moment> shown = part.in(recording);
        Before before = new Before();
        recording.read(each -> {
            if (shown.test(each.when())) {
                before.take().forEach(this::add);
                add(each);
            } else if (each.when().end() < part.from()) {
                before.add(each);
            }
        });
        before.take().forEach(this::add); // nothing happened, and they were there
    }

    private void add(Recorded recorded) {
        try {
            Runtime runtime = runtimes.get(recorded.runtime());
            if (runtime == null) {
                runtime = new Runtime(recorded.runtime());
                runtimes.put(recorded.runtime(), runtime);
            }
            runtime.add(recorded);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long time(long nanosOfRecording) {
        return start + nanosOfRecording;
    }

    /** {@return details in their order} */
    private static Map<String, Object> details(Object... namesAndValues) {
        Map<String, Object> details = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (!namesAndValues[i + 1].equals("")) {
                details.put((String) namesAndValues[i], namesAndValues[i + 1]);
            }
        }
        return details;
    }

    /** The tracks of a runtime. */
    private final class Runtime {
        private final long track;
        private final Map<Long, Buffer> buffers = new HashMap<>();
        private final Map<String, Long> counters = new HashMap<>();
        private long budgets;

        Runtime(String name) throws IOException {
            track = trace.process(++processes, prefix + name);
        }

        void add(Recorded recorded) throws IOException {
            switch (recorded) {
                case Recorded.BufferAllocation it -> buffer(it.buffer()).opened(it);
                case Recorded.BufferClose it -> buffer(it.buffer()).closed(it);
                case Recorded.Migration it -> buffer(it.buffer()).moved(it);
                case Recorded.Move it -> buffer(it.buffer()).asked(it);
                case Recorded.Wait it -> buffer(it.buffer()).waited(it);
                case Recorded.Pin it -> buffer(it.buffer()).pinned(it);
                case Recorded.Unpin it -> buffer(it.buffer()).unpinned(it);
                case Recorded.Access it -> buffer(it.buffer()).accessed(it);
                case Recorded.AccessEnd it -> buffer(it.buffer()).accessEnded(it);
                case Recorded.Rejection it -> buffer(it.buffer()).refused(it);
                case Recorded.Eviction it -> buffer(it.buffer()).evicted(it);
                case Recorded.OpenHolder it -> buffer(it.buffer()).seen(it);
                case Recorded.BudgetReached it -> reached(it);
                case Recorded.BufferResidency it ->
                    count("buffer " + it.buffer() + " in " + it.tier(), it.when(), it.bytes());
                case Recorded.TierUsage it -> used(it);
            }
        }

        private void used(Recorded.TierUsage it) throws IOException {
            String what = it.tier() + " of budget " + it.budget();
            count(what + ": used", it.when(), it.usedBytes());
            if (it.limitBytes() != Long.MAX_VALUE) { // which no axis has room for
                count(what + ": limit", it.when(), it.limitBytes());
            }
        }

        private void reached(Recorded.BudgetReached it) throws IOException {
            if (budgets == 0) {
                budgets = trace.track(track, "budgets");
            }
            Map<String, Object> details = details(
                    "tier", it.tier(),
                    "requestedBytes", it.requestedBytes(),
                    "usedBytes", it.usedBytes(),
                    "limitBytes", it.limitBytes());
            trace.instant(
                    budgets, time(it.when().start()), "budget", it.budget() + " reached", details);
        }

        private Buffer buffer(long number) throws IOException {
            Buffer buffer = buffers.get(number);
            if (buffer == null) {
                buffer = new Buffer(track, number);
                buffers.put(number, buffer);
            }
            return buffer;
        }

        private void count(String name, Moment when, long value) throws IOException {
            Long counter = counters.get(name);
            if (counter == null) {
                counter = trace.counter(track, name);
                counters.put(name, counter);
            }
            trace.count(counter, time(when.start()), value);
        }
    }

    /** The tracks of a buffer. */
    private final class Buffer {
        private final long track;
        private final Lanes moves;
        private final Lanes asked;
        private final Lanes holders;
        private final Lanes waits;
        private final Map<Held, Deque<Long>> open = new HashMap<>();
        private boolean isOpen;

        Buffer(long runtime, long number) throws IOException {
            track = trace.track(runtime, "buffer " + number);
            asked = new Lanes(track, "asked for");
            moves = new Lanes(track, "moves");
            holders = new Lanes(track, "holders");
            waits = new Lanes(track, "waits");
        }

        void opened(Recorded.BufferAllocation it) throws IOException {
            isOpen = true;
            trace.begin(
                    track,
                    time(it.when().start()),
                    "buffer",
                    "open",
                    details(
                            "byteSize", it.byteSize(),
                            "pageBytes", it.pageBytes(),
                            "spanBytes", it.spanBytes(),
                            "budget", it.budget(),
                            "place", it.when().place()));
        }

        void closed(Recorded.BufferClose it) throws IOException {
            if (isOpen) {
                isOpen = false;
                trace.end(track, time(it.when().end()));
            }
        }

        void moved(Recorded.Migration it) throws IOException {
            moves.slice(
                    it.when(),
                    "migration",
                    it.from() + " to " + it.to() + (it.failure().isEmpty() ? "" : " failed"),
                    details(
                            "from", it.from(),
                            "to", it.to(),
                            "firstPage", it.firstPage(),
                            "pages", it.pages(),
                            "bytes", it.bytes(),
                            "zeroedBytes", it.zeroedBytes(),
                            "runs", it.runs(),
                            "reason", it.reason(),
                            "route", it.route(),
                            "waitNanos", it.waitTime(),
                            "copyNanos", it.copyTime(),
                            "failure", it.failure(),
                            "thread", it.when().thread()));
        }

        void asked(Recorded.Move it) throws IOException {
            asked.slice(
                    it.when(),
                    "move",
                    it.operation(),
                    details(
                            "to", it.to(),
                            "firstPage", it.firstPage(),
                            "pages", it.pages(),
                            "movedPages", it.movedPages(),
                            "failure", it.failure(),
                            "thread", it.when().thread(),
                            "place", it.when().place()));
        }

        void waited(Recorded.Wait it) throws IOException {
            waits.slice(
                    it.when(),
                    "wait",
                    it.operation(),
                    details(
                            "page", it.page(),
                            "reason", it.reason(),
                            "thread", it.when().thread(),
                            "place", it.when().place()));
        }

        void refused(Recorded.Rejection it) throws IOException {
            Map<String, Object> details = details(
                    "owner", it.owner(),
                    "firstPage", it.firstPage(),
                    "pages", it.pages(),
                    "page", it.page(),
                    "reason", it.reason(),
                    "thread", it.when().thread(),
                    "place", it.when().place());
            trace.instant(
                    track,
                    time(it.when().start()),
                    "refused",
                    it.operation() + " refused",
                    details);
        }

        void evicted(Recorded.Eviction it) throws IOException {
            Map<String, Object> details = details(
                    "firstPage", it.firstPage(),
                    "pages", it.pages(),
                    "bytes", it.bytes(),
                    "copiedBytes", it.copiedBytes(),
                    "clean", Boolean.toString(it.clean()),
                    "order", it.order(),
                    "worth", Double.toString(it.worth()),
                    "forBuffer", it.forBuffer(),
                    "operation", it.operation());
            trace.instant(
                    track, time(it.when().end()), "evict", "evicted from " + it.tier(), details);
        }

        void pinned(Recorded.Pin it) throws IOException {
            held(
                    Held.of(it),
                    it.when().end(),
                    details(
                            "strength", it.strength(),
                            "thread", it.when().thread(),
                            "place", it.when().place()));
        }

        void unpinned(Recorded.Unpin it) throws IOException {
            letGo(Held.of(it), it.when().start(), it.heldTime());
        }

        void accessed(Recorded.Access it) throws IOException {
            held(
                    Held.of(it),
                    it.when().end(),
                    details(
                            "device", it.device(),
                            "thread", it.when().thread(),
                            "place", it.when().place()));
        }

        void accessEnded(Recorded.AccessEnd it) throws IOException {
            letGo(Held.of(it), it.when().start(), it.heldTime());
        }

        private void held(Held held, long from, Map<String, Object> more) throws IOException {
            Map<String, Object> details = details(
                    "owner", held.owner(),
                    "mode", held.mode(),
                    "offset", held.offset(),
                    "byteSize", held.byteSize());
            details.putAll(more);
            String name = held.kind() + (held.owner().isEmpty() ? "" : ": " + held.owner());
            open.computeIfAbsent(held, none -> new ArrayDeque<>())
                    .add(holders.begin(from, "holder", name, details));
        }

        private void letGo(Held held, long at, long heldNanos) throws IOException {
            if (!open.containsKey(held) && heldNanos > 0) {
                held(held, at - heldNanos, details());
            }
            Deque<Long> same = open.get(held);
            if (same != null) { // else open since before, and for how long nobody knows
                holders.end(same.remove(), at);
                if (same.isEmpty()) {
                    open.remove(held);
                }
            }
        }

        /** Of what is open and was not told when it was taken. */
        void seen(Recorded.OpenHolder it) throws IOException {
            Held held = new Held(it.kind(), it.offset(), it.byteSize(), it.owner(), it.mode());
            if (!open.containsKey(held) && it.age() > 0) {
                held(
                        held,
                        it.when().start() - it.age(),
                        details(
                                "strength", it.strength(),
                                "keepers", it.keepers(),
                                "thread", it.holderThread()));
            }
        }
    }

    /** Tracks of one name, as many as slices overlap: on one, slices are within each other. */
    private final class Lanes {
        private final long parent;
        private final String name;
        private final PriorityQueue<Lane> free =
                new PriorityQueue<>(Comparator.comparingLong(Lane::since));

        Lanes(long parent, String name) {
            this.parent = parent;
            this.name = name;
        }

        void slice(Moment when, String category, String title, Map<String, ?> details)
                throws IOException {
            end(begin(when.start(), category, title, details), when.end());
        }

        long begin(long from, String category, String title, Map<String, ?> details)
                throws IOException {
            Lane lane = free.peek();
            long track;
            if (lane != null && lane.since() <= from) {
                free.remove();
                track = lane.track();
            } else {
                track = trace.track(parent, name);
            }
            trace.begin(track, time(from), category, title, details);
            return track;
        }

        void end(long track, long at) throws IOException {
            trace.end(track, time(at));
            free.add(new Lane(track, at));
        }
    }

    /** A track of several, and since when it has no slice. */
    private record Lane(long track, long since) {}
}
