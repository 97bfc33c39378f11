// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.copy;

import io.highpage.device.PageRuns;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Runs in native memory, as {@code struct hp_run} of {@code native/include/highpage.h}: offset and length in bytes, 64 bits
 * each. Confined to the operation that owns it.
 */
public final class RunList implements PageRuns {
    /** Bytes of one run. */
    public static final long RUN_BYTES = 2L * Long.BYTES;

    private final MemorySegment runs;
    private final int capacity;
    private int count;
    private long totalBytes;

    public RunList(MemorySegment runs) {
        this.runs = runs;
        this.capacity = (int) (runs.byteSize() / RUN_BYTES);
    }

    public void clear() {
        count = 0;
        totalBytes = 0;
    }

    public boolean isFull() {
        return count == capacity;
    }

    /** Appends bytes, to the last run if they follow it. There is room: {@link #isFull} was false. */
    public void add(long offset, long bytes) {
        totalBytes += bytes;
        if (count > 0 && offset(count - 1) + bytes(count - 1) == offset) {
            runs.set(ValueLayout.JAVA_LONG, (count - 1) * RUN_BYTES + Long.BYTES, bytes(count - 1) + bytes);
            return;
        }
        runs.set(ValueLayout.JAVA_LONG, count * RUN_BYTES, offset);
        runs.set(ValueLayout.JAVA_LONG, count * RUN_BYTES + Long.BYTES, bytes);
        count++;
    }

    public boolean isEmpty() {
        return count == 0;
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

    /** {@return the runs as the native side reads them} */
    public MemorySegment segment() {
        return runs;
    }

    @Override
    public void copy(MemorySegment source, MemorySegment target) {
        RunCopier.fastest().copy(source, target, this);
    }

    @Override
    public void zero(MemorySegment target) {
        RunCopier.fastest().zero(target, this);
    }
}
