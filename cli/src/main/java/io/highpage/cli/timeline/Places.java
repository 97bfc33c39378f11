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
    /** As many as have colours of their own. */
    private static final int TIERS_MAX = 5;

    private static final String OTHER_TIERS = "other tiers";
    /** Of those that were closed; most bytes first. */
    private static final int CLOSED_MAX = 100;

    private final Axis axis;
    private final Map<String, Level> tiers = new LinkedHashMap<>();
    private final Map<Buffer, Bytes> open = new HashMap<>();
    private final List<Bytes> closed = new ArrayList<>();
    private long buffers;

    Places(Axis axis) {
        this.axis = axis;
        tiers.put(HOME, new Level());
    }

    /** Where the bytes of one buffer were. */
    static final class Bytes {
        final Buffer buffer;
        final Map<String, Level> tiers = new HashMap<>();
        long byteSize;
        long pageBytes;
        long toDevices;
        long toHome;
        /** Tiers of which it is known how much is there. */
        private final Set<String> known = new HashSet<>();

        private boolean allKnown;

        Bytes(Buffer buffer) {
            this.buffer = buffer;
        }

        long importance() {
            return byteSize + toDevices + toHome;
        }

        boolean knows(String tier) {
            return allKnown || known.contains(tier);
        }

        Level tier(String name) {
            return tiers.computeIfAbsent(name, any -> new Level());
        }
    }

    /** {@return names of tiers, home first} */
    List<String> tiers() {
        return List.copyOf(tiers.keySet());
    }

    /** {@return what all buffers have in a tier} */
    Level total(String tier) {
        return tiers.getOrDefault(tier, new Level());
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
            return new Bytes(buffer);
        });
    }

    private String tier(String name) {
        if (tiers.containsKey(name)) {
            return name;
        }
        String known = tiers.size() < TIERS_MAX ? name : OTHER_TIERS;
        tiers.putIfAbsent(known, new Level());
        return known;
    }

    void add(BufferAllocation allocated) {
        Bytes bytes = of(new Buffer(allocated.runtime(), allocated.buffer()));
        bytes.byteSize = allocated.byteSize();
        bytes.pageBytes = allocated.pageBytes();
        bytes.allKnown = true;
        set(bytes, HOME, allocated.byteSize(), allocated.when().end());
    }

    void add(BufferClose close) {
        Buffer buffer = new Buffer(close.runtime(), close.buffer());
        Bytes bytes = of(buffer);
        bytes.byteSize = close.byteSize();
        bytes.allKnown = true;
        bytes.tiers.forEach((name, level) -> set(bytes, name, 0, close.when().end()));
        open.remove(buffer);
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
        String to = tier(moved.to());
        move(
                bytes,
                tier(moved.from()),
                to,
                Math.max(copied, moved.pages() * bytes.pageBytes),
                moved.when().end());
        if (to.equals(HOME)) {
            bytes.toHome += moved.bytes();
        } else {
            bytes.toDevices += moved.bytes();
        }
    }

    /** Of pages that left a device for home without a copy. */
    void add(Eviction evicted, long pages) {
        Bytes bytes = of(new Buffer(evicted.runtime(), evicted.buffer()));
        long left = pages * bytes.pageBytes;
        move(bytes, tier(evicted.tier()), HOME, left, evicted.when().end());
    }

    private void move(Bytes bytes, String from, String to, long moving, long time) {
        Level origin = bytes.tier(from);
        long moved = bytes.knows(from) ? Math.min(moving, origin.now()) : moving;
        set(bytes, from, origin.now() - moved, time);
        set(bytes, to, bytes.tier(to).now() + moved, time);
    }

    void add(BufferResidency found) {
        Bytes bytes = of(new Buffer(found.runtime(), found.buffer()));
        bytes.byteSize = found.byteSize();
        String tier = tier(found.tier());
        long time = found.when().end();
        if (tier.equals(HOME)) {
            look(bytes, time);
        }
        boolean first = bytes.known.add(tier) && !bytes.allKnown;
        if (tier.equals(HOME)) { // which has what is on no device, written or not
            set(bytes, HOME, found.byteSize(), time, first);
        } else {
            if (bytes.knows(HOME)) {
                set(bytes, HOME, bytes.tier(HOME).now() - found.bytes(), time, first);
            }
            set(bytes, tier, found.bytes(), time, first);
        }
    }

    /** Of what is told for the first time: it was there before the recording began. */
    private void set(Bytes bytes, String tier, long there, long time, boolean first) {
        if (first) {
            long missing = there - bytes.tier(tier).now();
            bytes.tier(tier).lift(missing);
            total(tier).lift(missing);
        }
        set(bytes, tier, there, time);
    }

    /** Home is told of first: of devices only those where there is something are told then. */
    private void look(Bytes bytes, long time) {
        bytes.allKnown |= bytes.known.contains(HOME);
        if (bytes.allKnown) {
            bytes.tiers.keySet().stream()
                    .filter(tier -> !tier.equals(HOME))
                    .toList()
                    .forEach(tier -> set(bytes, tier, 0, time));
        }
    }

    private void set(Bytes bytes, String tier, long value, long time) {
        Level level = bytes.tier(tier);
        long before = level.now();
        long now = bytes.knows(tier) ? Math.max(0, value) : value;
        level.set(axis.bin(time), now);
        Level total = total(tier);
        total.set(axis.bin(time), total.now() + now - before);
    }
}
