// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The page-locks of one buffer's host window, counted: {@code mlock} does not nest, so the kernel is told of the first lock
 * of a page and of the last unlock only. Guarded by its own monitor; each change is a system call anyway.
 */
public final class PageLocks {
    private final HostMemory memory;
    private final MemorySegment window;

    /** Where the count of locks changes: from each key to the next it is the value. Offsets are bytes. */
    private final NavigableMap<Long, Integer> counts = new TreeMap<>();

    private long lockedBytes;

    public PageLocks(HostMemory memory, MemorySegment window) {
        this.memory = memory;
        this.window = window;
        counts.put(0L, 0);
    }

    /** {@return the bytes that are locked at least once} */
    public synchronized long lockedBytes() {
        return lockedBytes;
    }

    /**
     * Checks, as far as it can be known beforehand, that a range of whole pages can be locked.
     *
     * @throws io.highpage.OutOfPageMemoryException if it surely cannot
     */
    public synchronized void check(long offset, long byteSize) {
        long more = unlocked(offset, offset + byteSize).stream()
                .mapToLong(MemorySegment::byteSize)
                .sum();
        if (more > 0) {
            memory.checkLockable(more);
        }
    }

    /**
     * Locks a range of whole pages once more.
     *
     * @throws io.highpage.OutOfPageMemoryException if the kernel refuses; nothing is locked more than before then
     */
    public synchronized void lock(long offset, long byteSize) {
        List<MemorySegment> added = unlocked(offset, offset + byteSize);
        for (int i = 0; i < added.size(); i++) {
            try {
                memory.lock(added.get(i));
            } catch (RuntimeException refused) {
                added.subList(0, i).forEach(memory::unlock);
                throw refused;
            }
        }
        change(offset, byteSize, 1);
        added.forEach(range -> lockedBytes += range.byteSize());
    }

    /** Unlocks a range once, and in the kernel where nobody else has locked it. */
    public synchronized void unlock(long offset, long byteSize) {
        change(offset, byteSize, -1);
        for (MemorySegment range : unlocked(offset, offset + byteSize)) {
            memory.unlock(range);
            lockedBytes -= range.byteSize();
        }
    }

    /** {@return the parts of a range that nobody has locked} */
    private List<MemorySegment> unlocked(long offset, long end) {
        List<MemorySegment> found = new ArrayList<>();
        for (long at = offset; at < end; ) {
            Long next = counts.higherKey(at);
            long to = next == null ? end : Math.min(next, end);
            if (counts.floorEntry(at).getValue() == 0) {
                found.add(window.asSlice(at, to - at));
            }
            at = to;
        }
        return found;
    }

    private void change(long offset, long byteSize, int delta) {
        split(offset);
        split(offset + byteSize);
        counts.subMap(offset, offset + byteSize).replaceAll((at, count) -> count + delta);
        merge(offset, offset + byteSize);
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
