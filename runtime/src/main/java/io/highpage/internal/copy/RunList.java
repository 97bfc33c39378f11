// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.copy;

import io.highpage.device.PageRuns;
import io.highpage.internal.work.SharedWork;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Runs, most often in native memory, as {@code struct hp_run} of {@code native/include/highpage.h}:
 * offset and length in bytes, 64 bits each. Confined to the operation that owns it.
 */
public final class RunList implements PageRuns {
    /** Bytes of one run. */
    public static final long RUN_BYTES = 2L * Long.BYTES;

    private final MemorySegment runs;
    private final int capacity;
    private final int threads;
    private int count;
    private long totalBytes;
    private long start; // of the last run
    private long end;

    /** Makes an empty one that as many threads share as the process allows. */
    public RunList(MemorySegment runs) {
        this(runs, SharedWork.threads());
    }

    /**
     * Makes an empty one.
     *
     * @param threads how many may share a copy of it, the caller included, at least 1
     */
    public RunList(MemorySegment runs, int threads) {
        this.threads = threads;
        this.runs = runs;
        this.capacity = (int) (runs.byteSize() / RUN_BYTES);
    }

    /** {@return a list on the heap, which native code gets a copy of} */
    public static RunList onHeap(int capacity) {
        return onHeap(capacity, SharedWork.threads());
    }

    /** As {@link #onHeap(int)}, {@code threads} as of the constructor. */
    public static RunList onHeap(int capacity, int threads) {
        return new RunList(MemorySegment.ofArray(new long[2 * capacity]), threads);
    }

    /** {@return a list of one run, in memory of the arena} */
    public static RunList one(Arena arena, long offset, long bytes) {
        return one(arena, offset, bytes, SharedWork.threads());
    }

    /** As {@link #one(Arena, long, long)}, {@code threads} as of the constructor. */
    public static RunList one(Arena arena, long offset, long bytes, int threads) {
        RunList one = new RunList(arena.allocate(RUN_BYTES, Long.BYTES), threads);
        one.add(offset, bytes);
        return one;
    }

    public void clear() {
        count = 0;
        totalBytes = 0;
    }

    public boolean isFull() {
        return count == capacity;
    }

    /**
     * Appends bytes, to the last run if they follow it. There is room: {@link #isFull} was false.
     */
    public void add(long offset, long bytes) {
        totalBytes += bytes;
        if (count == 0 || offset != end) {
            start = offset;
            runs.set(ValueLayout.JAVA_LONG, count * RUN_BYTES, offset);
            count++;
        }
        end = offset + bytes;
        runs.set(ValueLayout.JAVA_LONG, (count - 1) * RUN_BYTES + Long.BYTES, end - start);
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /** {@return the part that lies between two offsets} */
    public RunList within(long from, long to) {
        RunList part = onHeap(count, threads);
        for (int run = 0; run < count; run++) {
            long first = Math.max(from, offset(run));
            long end = Math.min(to, offset(run) + bytes(run));
            if (first < end) {
                part.add(first, end - first);
            }
        }
        return part;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public long offset(int run) {
        return runs.get(ValueLayout.JAVA_LONG, run * RUN_BYTES);
    }

    @Override
    public long bytes(int run) {
        return runs.get(ValueLayout.JAVA_LONG, run * RUN_BYTES + Long.BYTES);
    }

    @Override
    public long totalBytes() {
        return totalBytes;
    }

    @Override
    public int threads() {
        return threads;
    }

    /** {@return the runs as the native side reads them} */
    public MemorySegment segment() {
        return runs;
    }

    /** {@return this list, or one in memory of the arena that is like it} */
    RunList inNative(Arena arena) {
        return runs.isNative() ? this : part(arena, 0, totalBytes);
    }

    /**
     * {@return a part of the bytes, counted over all runs as if they lay side by side}
     *
     * @param arena owns the part's memory
     * @param from first byte of the part
     * @param bytes length of the part
     */
    RunList part(Arena arena, long from, long bytes) {
        RunList part = new RunList(arena.allocate(count * RUN_BYTES, Long.BYTES), threads);
        long before = 0; // the run, in bytes
        for (int run = 0; run < count && before < from + bytes; run++) {
            long skipped = Math.max(0, from - before);
            long taken = Math.min(bytes(run), from + bytes - before) - skipped;
            if (taken > 0) {
                part.add(offset(run) + skipped, taken);
            }
            before += bytes(run);
        }
        return part;
    }

    @Override
    public void copy(MemorySegment source, MemorySegment target) {
        SharedCopy.copy(RunCopier.fastest(source, target), source, target, this);
    }

    @Override
    public void zero(MemorySegment target) {
        SharedCopy.zero(RunCopier.fastest(target, target), target, this);
    }
}
