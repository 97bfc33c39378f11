// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import io.highpage.device.PageRuns;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Runs for the device contract. Immutable. */
record Runs(long[] numbers) implements PageRuns {

    /** {@return runs} {@code offsetsAndBytes}: offset and length of each in turn. */
    static Runs of(long... offsetsAndBytes) {
        return new Runs(offsetsAndBytes.clone());
    }

    /** {@return the bytes that are in these runs and in others} */
    Runs intersect(Runs others) {
        List<Long> common = new ArrayList<>();
        for (int run = 0; run < count(); run++) {
            for (int other = 0; other < others.count(); other++) {
                long start = Math.max(offset(run), others.offset(other));
                long end = Math.min(
                        offset(run) + bytes(run), others.offset(other) + others.bytes(other));
                if (start < end) {
                    common.add(start);
                    common.add(end - start);
                }
            }
        }
        return of(common.stream().mapToLong(Long::longValue).toArray());
    }

    @Override
    public int count() {
        return numbers.length / 2;
    }

    @Override
    public long offset(int run) {
        return numbers[2 * run];
    }

    @Override
    public long bytes(int run) {
        return numbers[2 * run + 1];
    }

    @Override
    public long totalBytes() {
        return LongStream.range(0, count()).map(run -> bytes((int) run)).sum();
    }

    /** As many as the process allows. */
    @Override
    public int threads() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void copy(MemorySegment source, MemorySegment target) {
        for (int run = 0; run < count(); run++) {
            MemorySegment.copy(source, offset(run), target, offset(run), bytes(run));
        }
    }

    @Override
    public void zero(MemorySegment target) {
        for (int run = 0; run < count(); run++) {
            target.asSlice(offset(run), bytes(run)).fill((byte) 0);
        }
    }
}
