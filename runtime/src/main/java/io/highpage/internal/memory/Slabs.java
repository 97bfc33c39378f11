// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * The slabs of a device, how many windows are in them, and their bytes. Immutable, and equal to
 * itself only. Made anew by every window that comes or goes, so in few objects.
 */
final class Slabs {
    static final Slabs NONE = new Slabs(new Slab[0], 0, 0, 0);

    private final Slab[] all;
    private final int places;
    private final long usedBytes;
    private final long slabBytes;

    private Slabs(Slab[] all, int places, long usedBytes, long slabBytes) {
        this.all = all;
        this.places = places;
        this.usedBytes = usedBytes;
        this.slabBytes = slabBytes;
    }

    int count() {
        return all.length;
    }

    Slab get(int index) {
        return all[index];
    }

    /** {@return how many windows are in them} */
    int places() {
        return places;
    }

    /** {@return the bytes of the windows} */
    long usedBytes() {
        return usedBytes;
    }

    /** {@return the bytes of the slabs, used or not} */
    long slabBytes() {
        return slabBytes;
    }

    /** The same with a window more, for which one slab is another now. */
    Slabs filled(int index, Slab after, long bytes) {
        return new Slabs(changed(index, after), places + 1, usedBytes + bytes, slabBytes);
    }

    /** The same without a window, for which one slab is another now. */
    Slabs left(int index, Slab after, long bytes) {
        return new Slabs(changed(index, after), places - 1, usedBytes - bytes, slabBytes);
    }

    /** The same with a slab more, which has one window. */
    Slabs with(Slab added, long bytes) {
        Slab[] more = Arrays.copyOf(all, all.length + 1);
        more[all.length] = added;
        return new Slabs(more, places + 1, usedBytes + bytes, slabBytes + added.byteSize);
    }

    /** The same without a slab, whose windows are gone. */
    Slabs without(Slab gone) {
        int index = index(gone);
        Slab[] fewer = Arrays.copyOf(all, all.length - 1);
        System.arraycopy(all, index + 1, fewer, index, fewer.length - index);
        return new Slabs(fewer, places, usedBytes, slabBytes - gone.byteSize);
    }

    /** The same with another slab in place of one. */
    Slabs with(Slab before, Slab after) {
        return new Slabs(changed(index(before), after), places, usedBytes, slabBytes);
    }

    private Slab[] changed(int index, Slab after) {
        Slab[] changed = all.clone();
        changed[index] = after;
        return changed;
    }

    private int index(Slab slab) {
        for (int index = 0; index < all.length; index++) {
            if (all[index] == slab) {
                return index;
            }
        }
        throw new AssertionError("no such slab: " + slab);
    }

    /** {@return the index of the slab that a window lies in} */
    int index(DeviceHeap.Place window) {
        for (int index = 0; index < all.length; index++) {
            if (all[index].extent == window.extent()) {
                return index;
            }
        }
        throw new AssertionError("no slab has this window: " + window);
    }

    /** {@return a slab that no window uses, or null} */
    @Nullable
    Slab empty() {
        for (Slab slab : all) {
            if (slab.isEmpty()) {
                return slab;
            }
        }
        return null;
    }

    boolean has(long address) {
        for (Slab slab : all) {
            long start = slab.extent.address();
            long ahead = address - start;
            if (start != 0 && ahead >= 0 && ahead < slab.extent.byteSize()) {
                return true;
            }
        }
        return false;
    }

    long largestHole() {
        long largest = 0;
        for (Slab slab : all) {
            for (int i = 0; i < slab.holes.length; i += 2) {
                largest = Math.max(largest, slab.holes[i + 1]);
            }
        }
        return largest;
    }
}
