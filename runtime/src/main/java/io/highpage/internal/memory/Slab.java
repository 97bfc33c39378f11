// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.device.Extent;

/** An extent and what is free in it. Immutable, and equal to itself only. */
final class Slab {
    private static final long[] NO_HOLES = {};

    final Extent extent;
    final long start; // first aligned offset
    final long byteSize; // usable, from start
    final long[] holes; // offset, length, offset, length, ...: ascending, never adjacent
    // It is being given back, or that ended with an error: nothing is carved from it.
    final boolean withdrawn;
    final boolean abandoned; // some of it is never given back, see DeviceHeap.abandon()

    private Slab(
            Extent extent,
            long start,
            long byteSize,
            long[] holes,
            boolean withdrawn,
            boolean abandoned) {
        this.extent = extent;
        this.start = start;
        this.byteSize = byteSize;
        this.holes = holes;
        this.withdrawn = withdrawn;
        this.abandoned = abandoned;
    }

    static Slab of(Extent extent, long start, long byteSize) {
        return new Slab(extent, start, byteSize, new long[] {start, byteSize}, false, false);
    }

    Slab withdraw() {
        return new Slab(extent, start, byteSize, NO_HOLES, true, abandoned);
    }

    Slab abandon() {
        return new Slab(extent, start, byteSize, holes, withdrawn, true);
    }

    private Slab with(long[] changed) {
        return new Slab(extent, start, byteSize, changed, withdrawn, abandoned);
    }

    boolean isEmpty() {
        return withdrawn || holes.length == 2 && holes[1] == byteSize;
    }

    /** {@return the index of the smallest hole that is large enough, or -1} */
    int hole(long bytes) {
        int best = -1;
        for (int i = 0; i < holes.length; i += 2) {
            if (holes[i + 1] >= bytes && (best < 0 || holes[i + 1] < holes[best + 1])) {
                best = i;
            }
        }
        return best;
    }

    Slab taken(int hole, long bytes) {
        if (holes[hole + 1] > bytes) {
            long[] changed = holes.clone();
            changed[hole] += bytes;
            changed[hole + 1] -= bytes;
            return with(changed);
        }
        long[] changed = new long[holes.length - 2];
        System.arraycopy(holes, 0, changed, 0, hole);
        System.arraycopy(holes, hole + 2, changed, hole, changed.length - hole);
        return with(changed);
    }

    Slab given(long offset, long bytes) {
        if (withdrawn) {
            return this;
        }
        int at = 0; // of the first hole behind
        while (at < holes.length && holes[at] < offset) {
            at += 2;
        }
        boolean joinsBefore = at > 0 && holes[at - 2] + holes[at - 1] == offset;
        boolean joinsAfter = at < holes.length && offset + bytes == holes[at];
        int from = joinsBefore ? at - 2 : at;
        int to = joinsAfter ? at + 2 : at;
        long first = joinsBefore ? holes[from] : offset;
        long end = joinsAfter ? holes[at] + holes[at + 1] : offset + bytes;
        long[] changed = new long[from + 2 + holes.length - to];
        System.arraycopy(holes, 0, changed, 0, from);
        changed[from] = first;
        changed[from + 1] = end - first;
        System.arraycopy(holes, to, changed, from + 2, holes.length - to);
        return with(changed);
    }
}
