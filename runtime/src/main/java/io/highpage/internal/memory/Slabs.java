// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** The slabs of a device, how many windows are in them, and their bytes. */
record Slabs(List<Slab> all, int places, long usedBytes) {

    /** The same with a window more. */
    Slabs filled(long bytes) {
        return new Slabs(all, places + 1, usedBytes + bytes);
    }

    /** The same without a window. */
    Slabs left(long bytes) {
        return new Slabs(all, places - 1, usedBytes - bytes);
    }

    /** The same with a slab more. */
    Slabs with(Slab added) {
        List<Slab> changed = new ArrayList<>(all);
        changed.add(added);
        return new Slabs(List.copyOf(changed), places, usedBytes);
    }

    /** The same without a slab. */
    Slabs without(Slab gone) {
        List<Slab> changed = new ArrayList<>(all);
        changed.remove(gone);
        return new Slabs(List.copyOf(changed), places, usedBytes);
    }

    /** The same with another slab in place of one. */
    Slabs with(Slab before, Slab after) {
        List<Slab> changed = new ArrayList<>(all);
        changed.set(changed.indexOf(before), after);
        return new Slabs(List.copyOf(changed), places, usedBytes);
    }

    /** {@return the slab that a window lies in} */
    Slab slab(DeviceHeap.Place window) {
        for (Slab slab : all) {
            if (slab.extent == window.extent()) {
                return slab;
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

    long slabBytes() {
        long sum = 0;
        for (Slab slab : all) {
            sum += slab.byteSize;
        }
        return sum;
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
