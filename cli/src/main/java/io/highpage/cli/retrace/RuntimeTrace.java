// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.retrace;

import io.highpage.cli.console.UserError;
import io.highpage.cli.recording.Moment;
import io.highpage.cli.recording.Recorded;
import io.highpage.cli.replay.ProgramStep;
import io.highpage.cli.replay.ProgramStep.Kind;
import io.highpage.cli.replay.ProgramStep.Pages;
import io.highpage.cli.replay.ProgramStep.Result;
import io.highpage.cli.replay.ProgramStep.TakeTerms;
import io.highpage.cli.replay.ProgramTrace;
import io.highpage.outcome.AccessMode;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes a trace of what a runtime has recorded: first all operations are noted as they are told,
 * then put in order, given what moved for them, and what must have been in between. Confined to one
 * thread.
 */
final class RuntimeTrace {
    private static final String HOME = "home";
    private static final String HOLD = "hold";
    private static final String ACCESS = "device access";
    private static final Set<String> BACKGROUND = Set.of("write back ahead", "going back");
    private static final String MAKING_ROOM = "making room";
    /** How many operations at once, on one buffer, are looked at. */
    private static final int AT_ONCE = 64;
    /** How many operations behind a hold may show how it was. */
    private static final int AHEAD = 1000;

    private static final Result GRANTED = new Result("", 0, OptionalLong.empty(), false);

    private final String name;
    /** Whether every migration was recorded, also the quick ones. */
    private final boolean allMoves;

    private final Map<String, Integer> devices = new LinkedHashMap<>();
    private final Map<String, Long> limits = new HashMap<>();
    private final Map<Long, ProgramStep.Open> buffers = new HashMap<>();
    private final List<Operation> operations = new ArrayList<>();
    /** Of which the device is not told: it is known where there is only one. */
    private final List<Recorded.Migration> migrations = new ArrayList<>();

    private final List<Recorded.Eviction> evictions = new ArrayList<>();
    private final Map<Held, Deque<Operation>> open = new HashMap<>();

    private final Map<String, Long> missing = new LinkedHashMap<>();
    private int slots;

    /** What tells holders apart; those of which all this is equal need not be. */
    private record Held(
            Kind kind, long buffer, int device, long offset, long byteSize, TakeTerms terms) {}

    RuntimeTrace(String name, boolean allMoves) {
        this.name = name;
        this.allMoves = allMoves;
    }

    // ---- what is told ----

    void add(Recorded recorded) {
        Plausible.check(recorded, buffers.get(bufferOf(recorded)));
        switch (recorded) {
            case Recorded.BufferAllocation it -> opened(it);
            case Recorded.BufferClose it -> closed(it);
            case Recorded.Move it -> moved(it);
            case Recorded.Pin it -> taken(it.when(), held(it));
            case Recorded.Unpin it -> letGo(it.when(), held(it), it.heldTime());
            case Recorded.Access it -> taken(it.when(), held(it));
            case Recorded.AccessEnd it -> letGo(it.when(), held(it), it.heldTime());
            case Recorded.Rejection it -> refused(it);
            case Recorded.Migration it -> migrated(it);
            case Recorded.Eviction it -> {
                if (tier(it.tier()) > 0) {
                    evictions.add(it);
                }
            }
            case Recorded.TierUsage it -> limit(it.tier(), it.limitBytes());
            case Recorded.BudgetReached it -> limit(it.tier(), it.limitBytes());
            case Recorded.BufferResidency it -> tier(it.tier());
            case Recorded.OpenHolder it -> {
                if (it.kind().equals(HOLD)) {
                    miss("times that a hold was seen open, which has no event of its own");
                }
            }
            default -> {} // waits follow from what is held, or from other threads
        }
    }

    /** {@return the number of the buffer at whose pages or bytes something is; 0 for others} */
    private static long bufferOf(Recorded recorded) {
        return switch (recorded) {
            case Recorded.Move it -> it.buffer();
            case Recorded.Migration it -> it.buffer();
            case Recorded.Rejection it -> it.buffer();
            case Recorded.Eviction it -> it.buffer();
            case Recorded.Pin it -> it.buffer();
            case Recorded.Unpin it -> it.buffer();
            case Recorded.Access it -> it.buffer();
            case Recorded.AccessEnd it -> it.buffer();
            default -> 0;
        };
    }

    private void opened(Recorded.BufferAllocation it) {
        ProgramStep.Open opened =
                new ProgramStep.Open(it.buffer(), it.byteSize(), it.pageBytes(), it.spanBytes());
        buffers.put(it.buffer(), opened);
        operations.add(new Operation(it.when(), opened));
    }

    private void closed(Recorded.BufferClose it) {
        if (isKnown(it.buffer())) {
            Operation close = new Operation(it.when(), new ProgramStep.Close(it.buffer()));
            close.at = it.when().end(); // it waits for what is under way
            operations.add(close);
        }
    }

    private void moved(Recorded.Move it) {
        if (it.pages() > 0 && isKnown(it.buffer())) {
            Pages pages = new Pages(it.buffer(), it.firstPage(), it.pages());
            operations.add(new Operation(
                    it.when(), new ProgramStep.Move(pages, tier(it.to()), it.movedPages(), false)));
        }
    }

    private void migrated(Recorded.Migration it) {
        if (BACKGROUND.contains(it.reason())) {
            miss("moves in the background (" + it.reason() + ")");
        } else if (!it.reason().equals(MAKING_ROOM) && it.failure().isEmpty()) {
            migrations.add(it);
        }
    }

    private static Held held(Recorded.Pin it) {
        TakeTerms terms = terms(it.mode(), it.owner());
        return new Held(Kind.PIN, it.buffer(), 0, it.offset(), it.byteSize(), terms);
    }

    private static Held held(Recorded.Unpin it) {
        TakeTerms terms = terms(it.mode(), it.owner());
        return new Held(Kind.PIN, it.buffer(), 0, it.offset(), it.byteSize(), terms);
    }

    private Held held(Recorded.Access it) {
        TakeTerms terms = terms(it.mode(), it.owner());
        return new Held(
                Kind.ACCESS, it.buffer(), tier(it.device()), it.offset(), it.byteSize(), terms);
    }

    private Held held(Recorded.AccessEnd it) {
        TakeTerms terms = terms(it.mode(), it.owner());
        return new Held(
                Kind.ACCESS, it.buffer(), tier(it.device()), it.offset(), it.byteSize(), terms);
    }

    private static TakeTerms terms(String mode, String owner) {
        return Arrays.stream(AccessMode.values())
                .filter(known -> known.name().equals(mode))
                .map(known -> new TakeTerms(known, owner))
                .findFirst()
                .orElseThrow(() -> UserError.failed("cannot replay what was recorded: a holder of '"
                        + owner + "' has the mode '" + mode + "', which is none of "
                        + Arrays.toString(AccessMode.values())
                        + "; the recording is damaged, or of another version of Highpage"));
    }

    private void miss(String what) {
        missing.merge(what, 1L, Long::sum);
    }

    /** The widest limit is the runtime's own; budgets in it have less. */
    private void limit(String tier, long bytes) {
        if (tier(tier) > 0) {
            limits.merge(tier, bytes, Math::max);
        }
    }

    private int tier(String tier) {
        return tier.equals(HOME) || tier.isEmpty()
                ? 0
                : devices.computeIfAbsent(tier, added -> devices.size() + 1);
    }

    private boolean isKnown(long buffer) {
        return known(buffer) != null;
    }

    private ProgramStep.@Nullable Open known(long buffer) {
        ProgramStep.Open known = buffers.get(buffer);
        if (known == null) {
            miss("operations on buffers that were allocated before the recording began");
        }
        return known;
    }

    private @Nullable Pages pages(long buffer, long offset, long byteSize) {
        ProgramStep.Open known = byteSize == 0 ? null : known(buffer);
        if (known == null) {
            return null;
        }
        long pageBytes = known.pageBytes();
        long first = offset / pageBytes;
        return new Pages(buffer, first, (offset + byteSize - 1) / pageBytes - first + 1);
    }

    private @Nullable Operation taken(Moment when, Held held) {
        Pages pages = pages(held.buffer(), held.offset(), held.byteSize());
        if (pages == null) {
            return null;
        }
        Operation taken = new Operation(
                when,
                new ProgramStep.Take(
                        held.kind(), pages, held.device(), slots++, held.terms(), GRANTED));
        operations.add(taken);
        open.computeIfAbsent(held, none -> new ArrayDeque<>()).add(taken);
        return taken;
    }

    private void letGo(Moment when, Held held, long heldNanos) {
        Deque<Operation> same = open.get(held);
        Operation taken = same == null ? null : same.poll();
        if (taken == null && heldNanos > 0) {
            Moment begin = new Moment(when.start() - heldNanos, 0, when.thread(), when.place());
            taken = taken(begin, held);
            Objects.requireNonNull(open.getOrDefault(held, new ArrayDeque<>())).pollLast();
        }
        if (taken == null) {
            if (held.byteSize() > 0 && buffers.containsKey(held.buffer())) {
                miss("holders of which the begin was not recorded");
            }
            return;
        }
        int slot = ((ProgramStep.Take) taken.step).hold();
        Operation release = new Operation(when, new ProgramStep.Release(slot));
        operations.add(release);
    }

    private void refused(Recorded.Rejection it) {
        if (it.pages() == 0 || !isKnown(it.buffer())) {
            return;
        }
        Kind kind = it.operation().equals(ACCESS)
                ? Kind.ACCESS
                : it.operation().equals(HOLD) ? Kind.HOLD : Kind.PIN;
        operations.add(new Operation(
                it.when(),
                new ProgramStep.Take(
                        kind,
                        new Pages(it.buffer(), it.firstPage(), it.pages()),
                        tier(it.device()),
                        slots++,
                        terms(it.mode(), it.owner()),
                        new Result(it.reason(), it.page(), OptionalLong.empty(), false))));
    }

    // ---- what comes of it ----

    boolean isEmpty() {
        return operations.isEmpty();
    }

    /** {@return the trace} */
    ProgramTrace trace() {
        operations.sort(Comparator.comparingLong(operation -> operation.when.start()));
        findOverlaps();
        attachMoves();
        operations.sort(Comparator.comparingLong(operation -> operation.at));
        return new ProgramTrace(
                name,
                devices.keySet().stream()
                        .map(device -> new ProgramTrace.DeviceOf(
                                device, limits.getOrDefault(device, Long.MAX_VALUE)))
                        .toList(),
                new Writer().steps());
    }

    /** {@return what could not be taken from the recording} */
    List<String> notes() {
        long overlaps =
                operations.stream().filter(operation -> operation.overlaps).count();
        List<String> notes = new ArrayList<>();
        missing.forEach((what, count) -> notes.add(name + ": " + count + " " + what));
        if (overlaps > 0) {
            notes.add(name + ": " + overlaps + " operations of several threads were at the same"
                    + " pages at the same time, so what came of them is not compared");
        }
        if (!allMoves) {
            notes.add(name + ": not every migration was recorded, so what pins and accesses copied"
                    + " is not compared ('highpage record --settings profile' records all)");
        }
        devices.keySet().stream()
                .filter(device -> !limits.containsKey(device))
                .forEach(device -> notes.add(name + ": how much memory " + device + " had was not"
                        + " recorded; --device-memory sets it"));
        return notes;
    }

    /**
     * An operation that waited for another thread to let pages go comes behind that; others that
     * were at the same pages at the same time cannot be put in an order that is known to be theirs.
     */
    private void findOverlaps() {
        Map<Long, List<Operation>> running = new HashMap<>();
        Map<Integer, Operation> takenBy = new HashMap<>();
        for (Operation each : operations) {
            if (each.step instanceof ProgramStep.Take take && take.result().isGranted()) {
                takenBy.put(take.hold(), each);
            }
            Operation holder = each.step instanceof ProgramStep.Release release
                    ? takenBy.get(release.hold())
                    : null;
            Pages pages = (holder == null ? each : holder).pages();
            if (pages != null) {
                List<Operation> others =
                        running.computeIfAbsent(pages.buffer(), none -> new ArrayList<>());
                others.removeIf(other -> other.when.end() < each.when.start());
                others.stream()
                        .filter(other -> other != holder
                                && !other.thread.equals(each.thread)
                                && other.meets(pages))
                        .forEach(other -> met(other, each));
                if (holder == null) {
                    others.add(each);
                }
            }
        }
    }

    /** One operation began while another was under way. */
    private static void met(Operation running, Operation other) {
        if (other.step instanceof ProgramStep.Release) {
            running.at = Math.max(running.at, other.when.start() + 1);
        } else {
            running.overlaps = true;
            other.overlaps = true;
        }
    }

    /** What moved is of the operation in whose time it did. */
    private void attachMoves() {
        Map<Object, List<Operation>> of = new HashMap<>(); // by thread, and by buffer
        for (Operation each : operations) {
            Pages pages = each.pages();
            if (pages != null) {
                of.computeIfAbsent(each.thread, none -> new ArrayList<>()).add(each);
                of.computeIfAbsent(pages.buffer(), none -> new ArrayList<>()).add(each);
            }
        }
        for (Recorded.Eviction it : evictions) {
            Operation owner = owner(it.when(), it.forBuffer(), of);
            if (owner != null && buffers.containsKey(it.buffer())) {
                long end = it.firstPage() + it.pages();
                owner.moves.add(new Operation.Moved(
                        new Pages(it.buffer(), it.firstPage(), it.pages()), end, 0, 0, false));
            }
        }
        for (Recorded.Migration it : migrations) {
            if (buffers.containsKey(it.buffer())) {
                attach(it, of);
            }
        }
    }

    private void attach(Recorded.Migration it, Map<Object, List<Operation>> of) {
        ProgramStep.Open buffer = Objects.requireNonNull(buffers.get(it.buffer()));
        Operation.Moved moved = new Operation.Moved(
                new Pages(it.buffer(), it.firstPage(), it.pages()),
                it.runs() == 1 ? it.firstPage() + it.pages() : Integer.MAX_VALUE,
                tier(it.to()),
                Math.ceilDiv(it.bytes(), buffer.pageBytes()),
                it.zeroedBytes() > 0);
        Operation owner = owner(it.when(), it.buffer(), of);
        if (owner != null) {
            owner.moves.add(moved);
        } else if (it.reason().equals(HOLD) && moved.device() == 0) {
            if (tier(it.from()) == 0) { // they were absent, and have memory now
                operations.add(new Operation(it.when(), new ProgramStep.Write(moved.pages())));
            } else {
                heldBriefly(it, moved);
            }
        } else {
            miss("moves (" + it.reason() + ") of which the operation was not recorded");
        }
    }

    /** {@return the operation on a buffer that something happened in, first of its own thread} */
    private static @Nullable Operation owner(
            Moment when, long buffer, Map<Object, List<Operation>> of) {
        Operation owner = owner(when, buffer, of.getOrDefault(when.thread(), List.of()));
        return owner != null ? owner : owner(when, buffer, of.getOrDefault(buffer, List.of()));
    }

    private static @Nullable Operation owner(Moment when, long buffer, List<Operation> sorted) {
        int behind = behind(when.start(), sorted);
        for (int at = behind - 1; at >= Math.max(0, behind - AT_ONCE); at--) {
            Operation before = sorted.get(at);
            Pages pages = before.pages();
            if (pages != null && pages.buffer() == buffer && before.when.end() >= when.end()) {
                return before;
            }
        }
        // What is refused is told when it ends: what moved before stays where it is.
        if (behind < sorted.size()
                && sorted.get(behind).step instanceof ProgramStep.Take take
                && !take.result().isGranted()
                && take.pages().buffer() == buffer) {
            return sorted.get(behind);
        }
        return null;
    }

    /** {@return where the operations are that began later} */
    private static int behind(long time, List<Operation> sorted) {
        int low = 0;
        int high = sorted.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted.get(middle).when.start() <= time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** A read, a write or a hold, of which only what it moved was recorded. */
    private void heldBriefly(Recorded.Migration it, Operation.Moved moved) {
        int slot = slots++;
        Operation hold = new Operation(
                it.when(),
                new ProgramStep.Take(
                        Kind.HOLD,
                        new Pages(it.buffer(), it.firstPage(), Math.max(1, it.pages())),
                        0,
                        slot,
                        new TakeTerms(AccessMode.READ, ""),
                        GRANTED));
        hold.brief = true;
        hold.moves.add(moved);
        Operation release = new Operation(it.when(), new ProgramStep.Release(slot));
        release.at = it.when().start();
        operations.add(hold);
        operations.add(release);
    }

    /** Puts steps down, with those in between that must have been. */
    private final class Writer {
        private final List<ProgramStep> steps = new ArrayList<>();
        /** Pages whose bytes are at home and nowhere else, as far as is known. */
        private final Map<Long, BitSet> atHome = new HashMap<>();

        private final Map<Long, BitSet> away = new HashMap<>();
        private final Map<Long, Set<Integer>> holders = new HashMap<>();
        private final Set<Integer> let = new HashSet<>();
        /** Of an eviction the pages that did not move, for which there is no reason yet. */
        private final Map<Operation, Long> stayed = new HashMap<>();

        List<ProgramStep> steps() {
            for (int i = 0; i < operations.size(); i++) {
                put(operations.get(i).brief ? withMode(i) : operations.get(i));
            }
            return steps;
        }

        /**
         * {@return a brief hold with the mode that what comes next shows} One that reads leaves the
         * bytes on the device too, and an eviction then counts its pages; one that may write does
         * not.
         */
        private Operation withMode(int index) {
            Operation brief = operations.get(index);
            ProgramStep.Take take = (ProgramStep.Take) brief.step;
            for (int i = index + 1; i < Math.min(operations.size(), index + AHEAD); i++) {
                Operation next = operations.get(i);
                if (next.meets(take.pages())) {
                    return leftNone(next, take.pages().count())
                            ? brief.with(new ProgramStep.Take(
                                    take.kind(),
                                    take.pages(),
                                    0,
                                    take.hold(),
                                    new TakeTerms(AccessMode.READ_WRITE, ""),
                                    take.result()))
                            : brief;
                }
            }
            return brief;
        }

        /** {@return whether so many pages may be among those that an eviction found at home} */
        private boolean leftNone(Operation next, long count) {
            if (!(next.step instanceof ProgramStep.Move move) || move.device() != 0) {
                return false;
            }
            long left = stayed.getOrDefault(next, move.pages().count() - move.moved()) - count;
            if (left >= 0) {
                stayed.put(next, left);
            }
            return left >= 0;
        }

        private void put(Operation each) {
            each.moves.forEach(this::written);
            switch (each.step) {
                case ProgramStep.Take take -> steps.add(result(each, take));
                case ProgramStep.Move move ->
                    steps.add(new ProgramStep.Move(
                            move.pages(), move.device(), move.moved(), each.overlaps));
                case ProgramStep.Release release -> release(release.hold());
                case ProgramStep.Close close -> {
                    // Nothing can be open any more.
                    holders.getOrDefault(close.buffer(), Set.of()).forEach(this::release);
                    steps.add(close);
                }
                default -> steps.add(each.step);
            }
            learn(each);
        }

        private void release(int hold) {
            if (let.add(hold)) {
                steps.add(new ProgramStep.Release(hold));
            }
        }

        /** Takes note of where pages are after it. */
        private void learn(Operation each) {
            boolean shares = each.step instanceof ProgramStep.Take take
                    && take.terms().mode() == AccessMode.READ;
            each.moves.forEach(moved -> note(moved, shares));
            if (each.step instanceof ProgramStep.Take take && take.result().isGranted()) {
                holders.computeIfAbsent(take.pages().buffer(), none -> new TreeSet<>())
                        .add(take.hold());
                if (take.kind() == Kind.PIN) {
                    pinned(take.pages(), shares);
                }
            } else if (each.step instanceof ProgramStep.Write write) {
                pinned(write.pages(), true);
            } else if (each.step instanceof ProgramStep.Move move
                    && move.device() == 0
                    && !each.overlaps) {
                cameHome(move);
            }
        }

        private ProgramStep result(Operation each, ProgramStep.Take take) {
            OptionalLong copied = allMoves && take.result().isGranted()
                    ? OptionalLong.of(each.moves.stream()
                            .filter(moved -> moved.device() == take.device()
                                    && moved.buffer() == take.pages().buffer())
                            .mapToLong(Operation.Moved::copied)
                            .sum())
                    : OptionalLong.empty();
            Result result = new Result(
                    take.result().refused(), take.result().page(), copied, each.overlaps);
            return new ProgramStep.Take(
                    take.kind(), take.pages(), take.device(), take.hold(), take.terms(), result);
        }

        /** What is copied from home was written there since it came, or since the buffer began. */
        private void written(Operation.Moved moved) {
            if (moved.device() == 0 || moved.copied() == 0) {
                return;
            }
            if (moved.zeroed()) {
                miss("moves of pages of which some had been written and some had not");
                return;
            }
            BitSet fresh = pages(moved);
            fresh.andNot(bits(atHome, moved.buffer()));
            for (int from = fresh.nextSetBit(0), to; from >= 0; from = fresh.nextSetBit(to)) {
                to = fresh.nextClearBit(from);
                steps.add(new ProgramStep.Write(new Pages(moved.buffer(), from, to - from)));
            }
        }

        private void note(Operation.Moved moved, boolean shares) {
            BitSet pages = pages(moved);
            if (moved.device() != 0) {
                bits(atHome, moved.buffer()).andNot(pages);
                bits(away, moved.buffer()).or(pages);
            } else {
                if (!shares) {
                    bits(atHome, moved.buffer()).or(pages);
                }
                bits(away, moved.buffer()).andNot(pages);
            }
        }

        /** A pin that writes leaves no copy elsewhere; one that reads leaves what is there. */
        private void pinned(Pages pages, boolean shares) {
            BitSet range = new BitSet();
            range.set((int) pages.page(), (int) (pages.page() + pages.count()));
            if (shares) {
                range.andNot(bits(away, pages.buffer()));
            }
            bits(atHome, pages.buffer()).or(range);
            bits(away, pages.buffer()).andNot(range);
        }

        /** If all that were away came, it is known which. */
        private void cameHome(ProgramStep.Move move) {
            Pages pages = move.pages();
            BitSet came = bits(away, pages.buffer())
                    .get((int) pages.page(), (int) (pages.page() + pages.count()));
            if (came.cardinality() > 0 && came.cardinality() <= move.moved()) {
                pinned(pages, false);
            }
        }

        /** The pages that moved, as far as that is known. */
        private BitSet pages(Operation.Moved moved) {
            BitSet pages = new BitSet();
            Pages some = moved.pages();
            if (moved.to() - some.page() == some.count() && moved.copied() > 0) {
                pages.set((int) some.page(), (int) moved.to());
                return pages;
            }
            BitSet gone = bits(away, moved.buffer());
            ProgramStep.Open buffer = Objects.requireNonNull(buffers.get(moved.buffer()));
            long end = Math.min(moved.to(), Math.ceilDiv(buffer.byteSize(), buffer.pageBytes()));
            long left = some.count();
            for (int page = (int) some.page(); left > 0 && page < end; page++) {
                if (gone.get(page) == (moved.device() == 0)) {
                    pages.set(page);
                    left--;
                }
            }
            return pages;
        }

        private BitSet bits(Map<Long, BitSet> of, long buffer) {
            return of.computeIfAbsent(buffer, none -> new BitSet());
        }
    }
}
