// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.EvictionPolicy;
import io.highpage.EvictionPolicy.Candidate;
import io.highpage.device.Extent;
import io.highpage.internal.budget.LeastWorthFirst;
import io.highpage.internal.budget.SpanHistory;
import io.highpage.internal.budget.SpanSnapshot;
import io.highpage.internal.budget.UseClock;
import io.highpage.internal.log.Log;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.memory.NoRoom;
import io.highpage.internal.memory.Refused;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.telemetry.EvictionEvent;
import io.highpage.internal.telemetry.Told;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Makes room on a tier that is full, for an operation that owns no page and has nothing of the tier
 * yet: it looks who has the room, and has spans leave that nobody holds. Waits for nobody; whether
 * to wait and ask again is the operation's affair.
 *
 * <p>A span leaves a device whole or not at all: all its pages are looked at before anything is
 * copied. The policy decides in which order they go. It is given a snapshot and no means to do
 * harm: what it answers is looked up among the candidates, and where it answers nothing of use
 * Highpage's own order is taken.
 *
 * <p>Home is full when the budget of host memory is: then homes of pages that are on a device are
 * given up, which needs no memory anywhere, so that one kind of room never waits for the other.
 *
 * <p>Thread-safe.
 */
public final class Reclaimer {
    private static final EvictionPolicy OWN = new LeastWorthFirst();

    /**
     * Highpage's own order is asked about so many spans at a time, the coldest first: a look at a
     * span is one at each of its pages.
     */
    private static final int LOOKED_AT = 128;

    private final List<DeviceSlot> devices;
    private final EvictionPolicy policy;
    private final Holders holders;
    private final Counters counters;
    private final AtomicBoolean complained = new AtomicBoolean();

    /**
     * One for a runtime.
     *
     * @param devices the one with id {@code i} is at index {@code i - 1}
     * @param policy says in which order spans leave
     * @param holders tells who holds pages
     * @param counters of the runtime
     */
    public Reclaimer(
            List<DeviceSlot> devices, EvictionPolicy policy, Holders holders, Counters counters) {
        this.devices = devices;
        this.policy = policy;
        this.holders = holders;
        this.counters = counters;
    }

    /**
     * Makes room.
     *
     * @param asker whose page wants it
     * @param page the page
     * @param verb what for
     * @param full what was refused
     * @param hasTime asked before each span that is to leave; false ends it
     * @return null if something has left, so that asking again may do; else what is in the way
     */
    @Nullable
    InTheWay makeRoom(Pages asker, long page, Verb verb, NoRoom full, BooleanSupplier hasTime) {
        InTheWay way = new InTheWay(full, holders);
        Refused refused = full.refused().refused();
        Wanted by = new Wanted(asker, verb);
        if (refused.tier() == PageWord.HOME) {
            return giveUpHomes(refused, by, hasTime) ? null : way;
        }
        Predicate<DeviceWindow> mayTake = verb == Verb.PREFETCH
                ? colderThan(asker.deviceWindow(refused.tier(), page))
                : window -> true;
        Eviction eviction = new Eviction(refused, by, way, hasTime);
        return makeRoomOnDevice(refused, mayTake, way, eviction) ? null : way;
    }

    /** Who wants the room, as events say. */
    private record Wanted(Pages asker, Verb verb) {
        /**
         * Tells of a span that has left.
         *
         * @param own whether Highpage chose it, else the policy of the program
         * @param worth of it, before
         */
        void tell(EvictionEvent event, Resident span, String tier, boolean own, double worth) {
            event.runtime = asker.runtime();
            event.buffer = span.pages.bufferId();
            event.tier = tier;
            event.firstPage = span.window.firstPage();
            event.pages = span.pages.endPage(span.window) - span.window.firstPage();
            event.order = own ? "highpage" : "policy";
            event.worth = worth;
            event.forBuffer = asker.bufferId();
            event.operation = verb.text();
            event.tell();
        }
    }

    /** {@return who tells who holds pages} */
    Holders holders() {
        return holders;
    }

    // ---- of a device ----

    private boolean makeRoomOnDevice(
            Refused refused, Predicate<DeviceWindow> mayTake, InTheWay way, Eviction eviction) {
        DeviceSlot device = eviction.device;
        PriorityQueue<Ranked> coldest = new PriorityQueue<>(ranked(device, refused));
        // A piece must become empty, and a program's policy may want any span.
        int atOnce = way.isInPieces() || !(policy instanceof LeastWorthFirst)
                ? Integer.MAX_VALUE
                : LOOKED_AT;
        while (!coldest.isEmpty() && !eviction.isOver()) {
            List<Resident> free = new ArrayList<>();
            long bytes = 0;
            for (int looked = 0;
                    !coldest.isEmpty() && (looked < atOnce || bytes / 2 < eviction.missing);
                    looked++) {
                DeviceWindow window = coldest.remove().window();
                Resident span = new Resident(window);
                if (span.isHeld() || span.passes()) {
                    way.add(span);
                } else if (!mayTake.test(window)) {
                    way.addWarmer();
                } else if (window.isThere()) {
                    free.add(span);
                    bytes += window.byteSize();
                }
            }
            eviction.run(free);
        }
        return eviction.any;
    }

    /**
     * A window with what its span is worth, which changes meanwhile. What was brought for a use
     * that has not come yet goes last.
     */
    private record Ranked(DeviceWindow window, boolean announced, double worth)
            implements Comparable<Ranked> {
        @Override
        public int compareTo(Ranked other) {
            int byUse = Boolean.compare(announced, other.announced);
            return byUse != 0 ? byUse : Double.compare(worth, other.worth);
        }
    }

    /** {@return the windows on a device that count in the budget that refused} */
    private static List<Ranked> ranked(DeviceSlot device, Refused refused) {
        List<Ranked> ranked = new ArrayList<>();
        for (DeviceWindow window : device.windows()) {
            if (helps(window, refused)) {
                SpanHistory history = window.history();
                ranked.add(
                        new Ranked(window, history.isAnnounced(), history.worth(device.clock())));
            }
        }
        return ranked;
    }

    /**
     * A span that was never used on the device is as cold as can be. What was brought for a use
     * that has not come yet is not taken: else a prefetch of much would take from itself.
     */
    private static Predicate<DeviceWindow> colderThan(DeviceWindow own) {
        UseClock clock = own.device().clock();
        double worth = own.history().worth(clock);
        return window -> !window.history().isAnnounced() && window.history().worth(clock) < worth;
    }

    /** {@return whether what a span has counts in the budget that refused} */
    private static boolean helps(DeviceWindow window, Refused refused) {
        return window.account().budget().isWithin(refused.budget());
    }

    private static long missing(Refused refused) {
        return Math.max(1, refused.requestedBytes() - (refused.limitBytes() - refused.usedBytes()));
    }

    /** Spans leave a device, until enough have or time is up. Confined to one call. */
    private final class Eviction {
        private final DeviceSlot device;
        private final Wanted by;
        private final InTheWay way;
        private final BooleanSupplier hasTime;
        private boolean own = true; // the order in which they leave is Highpage's
        private long missing;
        private boolean any;
        private boolean late; // time is up, and there were others

        Eviction(Refused refused, Wanted by, InTheWay way, BooleanSupplier hasTime) {
            this.device = devices.get(refused.tier() - 1);
            this.missing = missing(refused);
            this.by = by;
            this.way = way;
            this.hasTime = hasTime;
        }

        /**
         * {@return whether there is room, or what is in pieces is worth another look, or time is
         * up}
         */
        boolean isOver() {
            return missing <= 0 || late || any && way.isInPieces();
        }

        void run(List<Resident> free) {
            if (way.isInPieces()) {
                emptyOnePiece(free);
            } else {
                evict(select(free, span -> !span.isAnnounced()));
                // Then what was brought for a use that has not come yet.
                evict(select(free, Resident::isAnnounced));
            }
        }

        /**
         * There is room, but not in one piece: one extent after the other is emptied, and the room
         * asked for again each time, since an empty one can be given back.
         */
        private void emptyOnePiece(List<Resident> free) {
            Map<Extent, List<Resident>> byExtent = new HashMap<>();
            for (Resident span : free) {
                byExtent.computeIfAbsent(span.window.extent(), key -> new ArrayList<>())
                        .add(span);
            }
            List<List<Resident>> pieces = new ArrayList<>(byExtent.values());
            pieces.sort(Comparator.comparingLong(
                    piece -> piece.stream().mapToLong(Resident::copiedBytes).sum()));
            // Those in which somebody keeps a part do not become empty.
            pieces.sort(Comparator.comparing(
                    piece -> way.isIn(piece.getFirst().window.extent())));
            for (List<Resident> piece : pieces) {
                if (!any) {
                    piece.forEach(this::evict);
                }
            }
        }

        private static List<Resident> select(List<Resident> spans, Predicate<Resident> which) {
            return spans.stream().filter(which).toList();
        }

        /** Lets some of these go, in the order of the policy, then in the usual one. */
        private void evict(List<Resident> spans) {
            if (spans.isEmpty() || isOver()) {
                return;
            }
            Set<Candidate> left = Collections.newSetFromMap(new IdentityHashMap<>());
            SpanSnapshot snapshot = snapshot(device, missing, spans, left);
            own = policy instanceof LeastWorthFirst;
            evict(answer(snapshot, left.size()), left);
            own = true;
            while (!isOver() && !left.isEmpty()) {
                List<Resident> others = left.stream().map(Reclaimer::span).toList();
                left.clear();
                evict(OWN.victims(snapshot(device, missing, others, left)), left);
            }
        }

        private void evict(Collection<Candidate> order, Set<Candidate> left) {
            for (Candidate candidate : order) {
                if (!isOver() && left.remove(candidate)) {
                    evict(span(candidate));
                }
            }
        }

        private void evict(Resident span) {
            if (!hasTime.getAsBoolean()) {
                late = true;
                way.addLate();
                return;
            }
            EvictionEvent event = EvictionEvent.begun();
            double worth = event == null ? 0 : span.worth();
            span.leave().ifPresent(way::addFailure);
            if (!span.window.isThere()) {
                if (event != null) {
                    event.bytes = span.window.byteSize();
                    event.copiedBytes = span.copiedBytes();
                    event.clean = span.copiedBytes() == 0;
                    by.tell(event, span, device.name(), own, worth);
                }
                device.evicted(span.bytes(), span.copiedBytes());
                missing -= span.window.byteSize();
                any = true;
            }
        }
    }

    /**
     * {@return what a policy is told of spans of a device}
     *
     * @param bytes how much is to leave
     * @param candidates gets what it may answer
     */
    private static SpanSnapshot snapshot(
            DeviceSlot device, long bytes, List<Resident> spans, Set<Candidate> candidates) {
        SpanSnapshot snapshot = new SpanSnapshot(device.name(), bytes, device.clock());
        for (Resident span : spans) {
            candidates.add(snapshot.add(
                    span, span.window.history(), span.window.byteSize(), span.copiedBytes()));
        }
        return snapshot;
    }

    private static Resident span(Candidate candidate) {
        return (Resident) ((SpanSnapshot.Span<?>) candidate).span();
    }

    /**
     * {@return what the policy answers, with nothing of it believed} It may be anything, and as
     * long as it likes, so at most twice as many entries are read as there are candidates.
     */
    private List<Candidate> answer(SpanSnapshot snapshot, int candidates) {
        List<Candidate> read = new ArrayList<>();
        try {
            for (Candidate candidate : policy.victims(snapshot)) {
                if (read.size() >= 2 * candidates) {
                    break;
                }
                read.add(candidate);
            }
        } catch (Throwable failure) {
            // ORD volatile: it is told once; pairs with itself.
            if (complained.compareAndSet(false, true)) {
                Log.warn(
                        Reclaimer.class,
                        "eviction policy",
                        "failed; Highpage's own order is used where it does",
                        failure);
            }
        }
        return read;
    }

    /**
     * {@return spans of a device in the order in which they are to leave: the policy's, then the
     * usual one}
     *
     * @param bytes how much is to leave
     */
    List<Resident> inOrder(DeviceSlot device, List<Resident> spans, long bytes) {
        Set<Candidate> left = Collections.newSetFromMap(new IdentityHashMap<>());
        SpanSnapshot snapshot = snapshot(device, bytes, spans, left);
        List<Resident> order = new ArrayList<>();
        for (Candidate candidate : answer(snapshot, left.size())) {
            if (left.remove(candidate)) {
                order.add(span(candidate));
            }
        }
        // All the others: an order ends where spans of so many bytes have left, of which some may
        // have little that counts for the caller.
        List<Resident> others = left.stream().map(Reclaimer::span).toList();
        left.clear();
        for (Candidate candidate : OWN.victims(snapshot(device, Long.MAX_VALUE, others, left))) {
            order.add(span(candidate));
        }
        return order;
    }

    // ---- of home ----

    /** The coldest first; each device has a clock of its own, which is near enough. */
    private boolean giveUpHomes(Refused refused, Wanted by, BooleanSupplier hasTime) {
        List<Ranked> ranked = new ArrayList<>();
        for (DeviceSlot device : devices) {
            ranked.addAll(ranked(device, refused));
        }
        Collections.sort(ranked);
        long missing = missing(refused);
        long given = 0;
        for (Ranked span : ranked) {
            if (given < missing && hasTime.getAsBoolean()) {
                EvictionEvent event = EvictionEvent.begun();
                Resident left = new Resident(span.window());
                long bytes = left.discardHomes();
                given += bytes;
                if (event != null && bytes > 0) {
                    event.bytes = bytes;
                    event.clean = true;
                    by.tell(event, left, Told.HOME, true, span.worth());
                }
            }
        }
        counters.discarded(given);
        return given > 0;
    }
}
