// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import java.lang.foreign.MemorySegment;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The page-locks of one buffer's host window, counted: {@code mlock} does not nest, so the first of two overlapping pins to
 * close must not unlock the other's pages. Guarded by its own monitor; each change is a system call anyway.
 */
public final class PageLocks {
    private final HostMemory memory;
    private final MemorySegment window;

    /** Where the count of locks changes: from each key to the next it is the value. Offsets are bytes. */
    private final NavigableMap<Long, Integer> counts = new TreeMap<>();

    public PageLocks(HostMemory memory, MemorySegment window) {
        this.memory = memory;
        this.window = window;
        counts.put(0L, 0);
    }

    /**
     * Locks a range of whole pages once more.
     *
     * @throws io.highpage.OutOfPageMemoryException if the kernel refuses; nothing is locked more than before then
     */
    public synchronized void lock(long offset, long byteSize) {
        try {
            memory.lock(window.asSlice(offset, byteSize)); // locking twice is harmless
        } catch (RuntimeException refused) {
            unlockUncounted(offset, offset + byteSize); // the kernel may have locked a part
            throw refused;
        }
        change(offset, byteSize, 1);
    }

    /** Unlocks a range once, and in the kernel where nobody else has locked it. */
    public synchronized void unlock(long offset, long byteSize) {
        change(offset, byteSize, -1);
        unlockUncounted(offset, offset + byteSize);
        merge(offset, offset + byteSize);
    }

    private void unlockUncounted(long offset, long end) {
        for (long at = offset; at < end; ) {
            Long next = counts.higherKey(at);
            long to = next == null ? end : Math.min(next, end);
            if (counts.floorEntry(at).getValue() == 0) {
                memory.unlock(window.asSlice(at, to - at));
            }
            at = to;
        }
    }

    private void change(long offset, long byteSize, int delta) {
        split(offset);
        split(offset + byteSize);
        counts.subMap(offset, offset + byteSize).replaceAll((at, count) -> count + delta);
    }

    private void split(long offset) {
        if (offset < window.byteSize()) {
            counts.putIfAbsent(offset, counts.floorEntry(offset).getValue());
        }
    }

    private void merge(long from, long to) {
        counts.subMap(from, true, to, true).entrySet().removeIf(entry -> {
            var before = counts.lowerEntry(entry.getKey());
            return before != null && before.getValue().equals(entry.getValue());
        });
    }
}
