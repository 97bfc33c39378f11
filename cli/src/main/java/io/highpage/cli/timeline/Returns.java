// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.recording.Recorded.BufferClose;
import io.highpage.cli.recording.Recorded.Migration;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What moved twice: pages that came to a device, left it and came back. */
final class Returns {
    /** A bit for each page: of 256 GiB in pages of 4 KiB for one buffer. */
    private static final long PAGES_MAX = 1 << 26;

    private static final long ALL_PAGES_MAX = 1L << 30;

    private final Groups<Way, Bytes> ways =
            new Groups<>(new Way(new Buffer("", -1), "others"), Bytes::new);
    private final Map<Buffer, Map<String, BitSet>> left = new HashMap<>();
    private long pagesFollowed;
    private long back;

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
        long last = moved.firstPage() + moved.pages();
        if (moved.pages() <= 0 || moved.firstPage() < 0 || last < 0 || last > PAGES_MAX) {
            return;
        }
        Buffer buffer = new Buffer(moved.runtime(), moved.buffer());
        if (!moved.to().equals(Places.HOME)) {
            came(buffer, moved);
        }
        if (!moved.from().equals(Places.HOME)) {
            BitSet pages = pages(buffer, moved.from());
            long size = pages.size();
            if (pagesFollowed < ALL_PAGES_MAX) {
                pages.set((int) moved.firstPage(), (int) last);
                pagesFollowed += pages.size() - size;
            }
        }
    }

    private void came(Buffer buffer, Migration moved) {
        int from = (int) moved.firstPage();
        int to = (int) (from + moved.pages());
        BitSet pages = pages(buffer, moved.to());
        long again =
                pages.get(from, Math.min(to, Math.max(from, pages.length()))).cardinality();
        pages.clear(from, Math.min(to, Math.max(from, pages.length())));
        Bytes bytes = ways.of(new Way(buffer, moved.to()));
        long copied = moved.bytes();
        long copiedAgain = (long) ((double) copied * again / moved.pages());
        bytes.first += copied - copiedAgain;
        bytes.again += copiedAgain;
        bytes.times += again > 0 ? 1 : 0;
        back += copiedAgain;
    }

    void add(BufferClose close) {
        Map<String, BitSet> gone = left.remove(new Buffer(close.runtime(), close.buffer()));
        if (gone != null) {
            gone.values().forEach(pages -> pagesFollowed -= pages.size());
        }
    }

    private BitSet pages(Buffer buffer, String device) {
        return left.computeIfAbsent(buffer, any -> new HashMap<>())
                .computeIfAbsent(device, any -> new BitSet(0));
    }
}
