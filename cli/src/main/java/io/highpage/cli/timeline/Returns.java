// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.recording.Recorded.BufferClose;
import io.highpage.cli.recording.Recorded.Eviction;
import io.highpage.cli.recording.Recorded.Migration;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What moved twice: pages that came to a device, left it and came back. Which pages a batch has is
 * told by the first and by how many: those that can have moved from there on are taken for them.
 */
final class Returns {
    /** A bit for each page: of 256 GiB in pages of 4 KiB for one buffer. */
    private static final long PAGES_MAX = 1 << 26;

    private static final long ALL_PAGES_MAX = 1L << 30;

    private final Groups<Way, Bytes> ways =
            new Groups<>(new Way(new Buffer("", -1), "others"), Bytes::new);
    private final Map<Buffer, Map<String, Device>> devices = new HashMap<>();
    private final Axis axis;
    private long pagesFollowed;
    private long back;

    Returns(Axis axis) {
        this.axis = axis;
    }

    /** Pages of a buffer on a device. */
    private static final class Device {
        final BitSet there = new BitSet(0);
        final BitSet left = new BitSet(0);

        /** {@return how many of the pages that come have been here before} */
        long came(int first, long pages) {
            long again = 0;
            long missing = pages;
            int at = there.nextClearBit(first);
            while (missing > 0 && at < PAGES_MAX) {
                int end = there.nextSetBit(at);
                int to = (int) Math.min(at + missing, end < 0 ? PAGES_MAX : end);
                if (at < left.length()) {
                    again += left.get(at, to).cardinality();
                    left.clear(at, to);
                }
                there.set(at, to);
                missing -= to - at;
                at = there.nextClearBit(to);
            }
            return again;
        }

        /** {@return how many pages left, of those that are there from one on} */
        long went(int first, int last, long pages) {
            long missing = pages;
            int at = there.nextSetBit(first);
            while (missing > 0 && at >= 0 && at < last) {
                int to = (int) Math.min(Math.min(at + missing, last), there.nextClearBit(at));
                there.clear(at, to);
                left.set(at, to);
                missing -= to - at;
                at = there.nextSetBit(to);
            }
            return pages - missing;
        }
    }

    /** To where pages of which buffer came. */
    record Way(Buffer buffer, String device) {}

    /** How much of that. */
    static final class Bytes {
        long first;
        long again;
        long times;
    }

    /** {@return bytes that came to a device again} */
    long again() {
        return back;
    }

    /** {@return where most came back} */
    List<Map.Entry<Way, Bytes>> largest(int most) {
        return ways.largest(most, each -> each.again).stream()
                .filter(each -> each.getValue().again > 0)
                .toList();
    }

    void add(Migration moved) {
        if (isFollowed(moved.firstPage(), moved.pages())) {
            Buffer buffer = new Buffer(moved.runtime(), moved.buffer());
            if (!moved.to().equals(Places.HOME)) {
                came(buffer, moved);
            }
            if (!moved.from().equals(Places.HOME)) {
                device(buffer, moved.from())
                        .went((int) moved.firstPage(), (int) PAGES_MAX, moved.pages());
            }
        }
    }

    /** {@return how many pages had not left by a copy, when all of a span left} */
    long add(Eviction evicted) {
        if (!isFollowed(evicted.firstPage(), evicted.pages())) {
            return 0;
        }
        int first = (int) evicted.firstPage();
        return device(new Buffer(evicted.runtime(), evicted.buffer()), evicted.tier())
                .went(first, (int) (first + evicted.pages()), evicted.pages());
    }

    void add(BufferClose close) {
        Map<String, Device> gone = devices.remove(new Buffer(close.runtime(), close.buffer()));
        if (gone != null) {
            gone.values().forEach(device -> pagesFollowed -= device.there.size());
        }
    }

    private static boolean isFollowed(long first, long pages) {
        return first >= 0 && pages > 0 && first < PAGES_MAX && pages <= PAGES_MAX - first;
    }

    private void came(Buffer buffer, Migration moved) {
        Device device = device(buffer, moved.to());
        long size = device.there.size();
        long again = pagesFollowed < ALL_PAGES_MAX
                ? device.came((int) moved.firstPage(), moved.pages())
                : 0;
        pagesFollowed += device.there.size() - size;
        if (!axis.meets(moved.when())) {
            return;
        }
        Bytes bytes = ways.of(new Way(buffer, moved.to()));
        long copied = moved.bytes();
        long copiedAgain = (long) ((double) copied * again / moved.pages());
        bytes.first += copied - copiedAgain;
        bytes.again += copiedAgain;
        bytes.times += again > 0 ? 1 : 0;
        back += copiedAgain;
    }

    private Device device(Buffer buffer, String name) {
        return devices.computeIfAbsent(buffer, any -> new HashMap<>())
                .computeIfAbsent(name, any -> new Device());
    }
}
