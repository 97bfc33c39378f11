// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.recording.Recorded.BufferAllocation;
import io.highpage.cli.recording.Recorded.BufferClose;
import io.highpage.cli.recording.Recorded.BufferResidency;
import io.highpage.cli.recording.Recorded.Eviction;
import io.highpage.cli.recording.Recorded.Migration;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where the bytes of buffers were. What is told once a second is the truth; between, pages are
 * where they moved last. A page that is valid in two places counts on the device, one that was
 * never written at home.
 */
final class Places {
    static final String HOME = "home";
    /** A runtime has 64 at most; a recording may have any number of runtimes. */
    private static final int TIERS_MAX = 200;

    private static final int ALL_ROWS_MAX = 8192;
    private static final int BUFFER_ROWS_MAX = 4096;
    private static final String OTHER_TIERS = "other tiers";
    /** Of those that were closed; most bytes first. */
    private static final int CLOSED_MAX = 100;

    private final Axis axis;
    /** Columns by the names of tiers. */
    private final Map<String, Integer> tiers = new LinkedHashMap<>();

    private final Steps total;
    private final Map<Buffer, Bytes> open = new HashMap<>();
    private final List<Bytes> closed = new ArrayList<>();
    private long buffers;

    Places(Axis axis) {
        this.axis = axis;
        total = new Steps(axis, Steps.Rule.LAST, ALL_ROWS_MAX);
        tiers.put(HOME, 0);
    }

    /** Where the bytes of one buffer were. */
    static final class Bytes {
        final Buffer buffer;
        final Steps steps;
        long byteSize;
        long pageBytes;
        long toDevices;
        long toHome;
        /** Tiers of which it is known how much is there. */
        private final Set<Integer> known = new HashSet<>();

        private boolean allKnown;
        /** When it was last told where it is: of all tiers one behind the other. */
        private long toldAt;

        Bytes(Buffer buffer, Axis axis) {
            this.buffer = buffer;
            this.steps = new Steps(axis, Steps.Rule.LAST, BUFFER_ROWS_MAX);
        }

        long importance() {
            return byteSize + toDevices + toHome;
        }

        boolean knows(int tier) {
            return allKnown || known.contains(tier);
        }
    }

    /** {@return names of tiers, home first} */
    List<String> tiers() {
        return List.copyOf(tiers.keySet());
    }

    /** {@return the column of a tier; one of zeroes if there is none of that name} */
    int column(String tier) {
        return tiers.getOrDefault(tier, tiers.size());
    }

    /** {@return what all buffers have, in columns} */
    Steps total() {
        return total;
    }

    /** {@return how many buffers there were} */
    long count() {
        return buffers;
    }

    /** {@return those with the most bytes, there or moved} */
    List<Bytes> largest(int most) {
        return Stream.concat(open.values().stream(), closed.stream())
                .sorted(Comparator.comparingLong(Bytes::importance)
                        .reversed()
                        .thenComparing(each -> each.buffer.runtime())
                        .thenComparing(each -> each.buffer.number()))
                .limit(most)
                .toList();
    }

    /** {@return the bytes of a buffer's page; 0 if that is not known} */
    long pageBytes(Buffer buffer) {
        Bytes bytes = open.get(buffer);
        return bytes == null ? 0 : bytes.pageBytes;
    }

    private Bytes of(Buffer buffer) {
        return open.computeIfAbsent(buffer, any -> {
            buffers++;
            return new Bytes(buffer, axis);
        });
    }

    private int tier(String name) {
        Integer known = tiers.get(name);
        return known != null
                ? known
                : tiers.computeIfAbsent(
                        tiers.size() < TIERS_MAX ? name : OTHER_TIERS, any -> tiers.size());
    }

    void add(BufferAllocation allocated) {
        Bytes bytes = of(new Buffer(allocated.runtime(), allocated.buffer()));
        bytes.byteSize = allocated.byteSize();
        bytes.pageBytes = allocated.pageBytes();
        bytes.allKnown = true;
        set(bytes, 0, allocated.byteSize(), allocated.when().end());
    }

    void add(BufferClose close) {
        Buffer buffer = new Buffer(close.runtime(), close.buffer());
        Bytes bytes = of(buffer);
        bytes.byteSize = close.byteSize();
        bytes.allKnown = true;
        tiers.values().forEach(tier -> set(bytes, tier, 0, close.when().end()));
        open.remove(buffer);
        if (!axis.meets(close.when())) {
            buffers--;
            return;
        }
        closed.add(bytes);
        if (closed.size() > 2 * CLOSED_MAX) {
            closed.sort(Comparator.comparingLong(Bytes::importance).reversed());
            closed.subList(CLOSED_MAX, closed.size()).clear();
        }
    }

    void add(Migration moved) {
        Bytes bytes = of(new Buffer(moved.runtime(), moved.buffer()));
        long copied = moved.bytes() + moved.zeroedBytes();
        if (bytes.pageBytes == 0 && moved.pages() > 0) {
            bytes.pageBytes = Long.highestOneBit(copied / moved.pages());
        }
        int to = tier(moved.to());
        move(
                bytes,
                tier(moved.from()),
                to,
                Math.max(copied, moved.pages() * bytes.pageBytes),
                moved.when().end());
        if (axis.meets(moved.when())) {
            bytes.toHome += to == 0 ? moved.bytes() : 0;
            bytes.toDevices += to == 0 ? 0 : moved.bytes();
        }
    }

    /** Of pages that left a device for home without a copy. */
    void add(Eviction evicted, long pages) {
        Bytes bytes = of(new Buffer(evicted.runtime(), evicted.buffer()));
        long left = pages * bytes.pageBytes;
        move(bytes, tier(evicted.tier()), 0, left, evicted.when().end());
    }

    private void move(Bytes bytes, int from, int to, long moving, long time) {
        long there = bytes.steps.now(from);
        long moved = bytes.knows(from) ? Math.min(moving, there) : moving;
        set(bytes, from, there - moved, time);
        set(bytes, to, bytes.steps.now(to) + moved, time);
    }

    void add(BufferResidency found) {
        Bytes bytes = of(new Buffer(found.runtime(), found.buffer()));
        bytes.byteSize = found.byteSize();
        int tier = tier(found.tier());
        if (tier == 0) {
            bytes.toldAt = found.when().end();
            look(bytes, bytes.toldAt);
        }
        long time = bytes.toldAt;
        boolean first = bytes.known.add(tier) && !bytes.allKnown;
        if (tier == 0) { // which has what is on no device, written or not
            set(bytes, 0, found.byteSize(), time, first);
        } else {
            if (bytes.knows(0)) {
                set(bytes, 0, bytes.steps.now(0) - found.bytes(), time, first);
            }
            set(bytes, tier, found.bytes(), time, first);
        }
    }

    /** Of what is told for the first time: it was there before the recording began. */
    private void set(Bytes bytes, int tier, long there, long time, boolean first) {
        if (first) {
            long missing = there - bytes.steps.now(tier);
            bytes.steps.lift(tier, missing);
            total.lift(tier, missing);
        }
        set(bytes, tier, there, time);
    }

    /** Home is told of first: of devices only those where there is something are told then. */
    private void look(Bytes bytes, long time) {
        bytes.allKnown |= bytes.known.contains(0);
        if (bytes.allKnown) {
            for (int tier = 1; tier < tiers.size(); tier++) {
                set(bytes, tier, 0, time);
            }
        }
    }

    private void set(Bytes bytes, int tier, long value, long time) {
        long before = bytes.steps.now(tier);
        long now = bytes.knows(tier) ? Math.max(0, value) : value;
        if (now != before || now != 0) {
            bytes.steps.set(time, tier, now);
            total.set(time, tier, total.now(tier) + now - before);
        }
    }
}
