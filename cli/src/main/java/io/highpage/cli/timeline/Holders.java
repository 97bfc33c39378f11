// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.recording.Recorded.Access;
import io.highpage.cli.recording.Recorded.AccessEnd;
import io.highpage.cli.recording.Recorded.OpenHolder;
import io.highpage.cli.recording.Recorded.Pin;
import io.highpage.cli.recording.Recorded.Unpin;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Who held what and how long. An end tells both times; a beginning without one is open until the
 * recording ends; what was neither seen to begin nor to end is known from having been seen open,
 * and began then if nobody knows its age.
 */
final class Holders {
    static final String PIN = "pin";
    static final String ACCESS = "access";
    /** The longest, which are drawn. */
    private static final int BARS_MAX = 500;

    private static final int OPEN_MAX = 200_000;
    /** How far the age of a holder may be from when it was seen to begin. */
    private static final long NEAR = 50_000_000;

    private final Axis axis;
    private final long end;
    private final Longest<Bar> bars = new Longest<>(BARS_MAX, Bar::nanos);
    private final Groups<String, Owner> owners = new Groups<>("other owners", Owner::new);
    private final Map<Held, TreeMap<Long, Open>> open = new HashMap<>();
    private long openCount;
    private long lastLook;

    /**
     * Knows of none.
     *
     * @param axis which holders are of interest
     * @param end when the recording ends
     */
    Holders(Axis axis, long end) {
        this.axis = axis;
        this.end = end;
    }

    /** What is held, by whom. */
    record Held(Buffer buffer, String kind, long offset, long byteSize, String owner) {}

    /** Something held for a time; {@code ended} unless it still was at the end. */
    record Bar(Held held, String mode, long from, long to, boolean ended) {
        long nanos() {
            return to - from;
        }

        /** {@return whether it kept a page in place during a time} */
        boolean inTheWay(Buffer buffer, long firstByte, long start, long end) {
            return held.buffer().equals(buffer)
                    && from < end
                    && to > start
                    && firstByte >= held.offset()
                    && firstByte - held.offset() < held.byteSize();
        }
    }

    /** What an owner held altogether. */
    static final class Owner {
        long count;
        long nanos;
        long longest;
        long byteSize;
    }

    private record Open(String mode, boolean begun, long lastSeen) {}

    /** {@return the longest, once all is read} */
    Longest<Bar> bars() {
        return bars;
    }

    Groups<String, Owner> owners() {
        return owners;
    }

    void add(Pin pin) {
        Held held =
                held(pin.runtime(), pin.buffer(), PIN, pin.offset(), pin.byteSize(), pin.owner());
        begin(held, pin.when().end(), new Open(pin.mode(), true, 0));
    }

    void add(Access taken) {
        Held held = held(
                taken.runtime(),
                taken.buffer(),
                ACCESS,
                taken.offset(),
                taken.byteSize(),
                taken.owner());
        begin(held, taken.when().end(), new Open(taken.mode(), true, 0));
    }

    void add(Unpin end) {
        Held held =
                held(end.runtime(), end.buffer(), PIN, end.offset(), end.byteSize(), end.owner());
        end(held, end.mode(), end.when().end(), end.heldTime());
    }

    void add(AccessEnd end) {
        Held held = held(
                end.runtime(), end.buffer(), ACCESS, end.offset(), end.byteSize(), end.owner());
        end(held, end.mode(), end.when().end(), end.heldTime());
    }

    void add(OpenHolder seen) {
        long time = seen.when().end();
        lastLook = Math.max(lastLook, time);
        Held held = held(
                seen.runtime(),
                seen.buffer(),
                seen.kind(),
                seen.offset(),
                seen.byteSize(),
                seen.owner());
        long start = time - seen.age();
        Map.@Nullable Entry<Long, Open> known = nearest(open.get(held), start);
        boolean isAged = seen.age() > 0; // else nobody knows which of equal ones it is
        if (known == null || isAged && Math.abs(known.getKey() - start) > NEAR) {
            begin(held, start, new Open(seen.mode(), false, time));
        } else if (!known.getValue().begun()) {
            Objects.requireNonNull(open.get(held))
                    .put(known.getKey(), new Open(seen.mode(), false, time));
        }
    }

    /** Ends what is open at the end of the recording. */
    void finish() {
        open.forEach((held, starts) -> starts.forEach((start, one) -> {
            boolean stillThere = one.begun() || one.lastSeen() >= lastLook - NEAR;
            bar(new Bar(held, one.mode(), start, stillThere ? end : one.lastSeen(), !stillThere));
        }));
        open.clear();
    }

    private static Held held(
            String runtime, long buffer, String kind, long offset, long byteSize, String owner) {
        return new Held(new Buffer(runtime, buffer), kind, offset, byteSize, owner);
    }

    private void begin(Held held, long start, Open one) {
        if (openCount < OPEN_MAX) {
            TreeMap<Long, Open> starts = open.computeIfAbsent(held, any -> new TreeMap<>());
            long free = start;
            while (starts.containsKey(free)) {
                free++;
            }
            starts.put(free, one);
            openCount++;
        }
    }

    private void end(Held held, String mode, long time, long heldTime) {
        TreeMap<Long, Open> starts = open.get(held);
        long start = Math.max(0, time - heldTime);
        Map.@Nullable Entry<Long, Open> known = nearest(starts, start);
        if (starts != null && known != null) {
            starts.remove(known.getKey());
            openCount--;
            if (starts.isEmpty()) {
                open.remove(held);
            }
        }
        // Without its own time it began when it was seen to; else nobody knows.
        long from = heldTime > 0 ? time - heldTime : known == null ? time : known.getKey();
        bar(new Bar(held, mode, from, time, true));
    }

    private static Map.@Nullable Entry<Long, Open> nearest(
            @Nullable TreeMap<Long, Open> starts, long start) {
        if (starts == null) {
            return null;
        }
        Map.Entry<Long, Open> below = starts.floorEntry(start);
        Map.Entry<Long, Open> above = starts.ceilingEntry(start);
        if (below == null || above == null) {
            return below == null ? above : below;
        }
        return start - below.getKey() <= above.getKey() - start ? below : above;
    }

    private void bar(Bar bar) {
        if (axis.isPart() && (bar.to() < axis.from() || bar.from() > axis.to())) {
            return;
        }
        bars.add(bar);
        Owner owner = owners.of(bar.held().owner());
        owner.count++;
        owner.nanos += bar.nanos();
        owner.longest = Math.max(owner.longest, bar.nanos());
        owner.byteSize = Math.max(owner.byteSize, bar.held().byteSize());
    }
}
