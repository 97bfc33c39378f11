// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.PageRuns;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Runs of pages, spelled out. */
public final class TestRuns implements PageRuns {
    /** Bytes of a page. */
    public static final long PAGE = 4096;

    private final List<long[]> runs = new ArrayList<>();

    /** {@return runs of pages: first page, number of pages, first page ...} */
    public static TestRuns ofPages(long... firstAndCount) {
        TestRuns runs = new TestRuns();
        for (int i = 0; i < firstAndCount.length; i += 2) {
            runs.runs.add(new long[] {firstAndCount[i] * PAGE, firstAndCount[i + 1] * PAGE});
        }
        return runs;
    }

    /** {@return one run of bytes} */
    public static TestRuns ofBytes(long offset, long bytes) {
        return several(1, offset, bytes);
    }

    /** {@return runs of so many bytes each, one right behind the other} */
    public static TestRuns several(int count, long offset, long bytes) {
        TestRuns runs = new TestRuns();
        for (int run = 0; run < count; run++) {
            runs.runs.add(new long[] {offset + run * bytes, bytes});
        }
        return runs;
    }

    /** {@return every second page of a window} */
    public static TestRuns alternating(int pages) {
        TestRuns runs = new TestRuns();
        for (int page = 0; page < pages; page += 2) {
            runs.runs.add(new long[] {page * PAGE, PAGE});
        }
        return runs;
    }

    /** {@return whether a run has this byte} */
    public boolean contains(long offset) {
        return runs.stream().anyMatch(run -> offset >= run[0] && offset < run[0] + run[1]);
    }

    @Override
    public int count() {
        return runs.size();
    }

    @Override
    public long offset(int run) {
        return runs.get(run)[0];
    }

    @Override
    public long bytes(int run) {
        return runs.get(run)[1];
    }

    @Override
    public long totalBytes() {
        return runs.stream().mapToLong(run -> run[1]).sum();
    }

    /** As many as the process allows. */
    @Override
    public int threads() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void copy(MemorySegment source, MemorySegment target) {
        runs.forEach(run -> MemorySegment.copy(source, run[0], target, run[0], run[1]));
    }

    @Override
    public void zero(MemorySegment target) {
        runs.forEach(run -> target.asSlice(run[0], run[1]).fill((byte) 0));
    }
}
