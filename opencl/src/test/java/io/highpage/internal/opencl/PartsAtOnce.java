// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.Extent;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Threads that copy parts of one extent at the same time. Confined to one call. */
final class PartsAtOnce {
    private static final long PART = 64 << 10;
    private static final int WRITERS = 4;
    private static final int ROUNDS = 50;

    /** What the extent has to have. */
    static final long BYTES = (WRITERS + 1) * PART;

    private final Extent extent;
    private final Arena arena;
    private final AtomicLong wrong = new AtomicLong();

    private PartsAtOnce(Extent extent, Arena arena) {
        this.extent = extent;
        this.arena = arena;
    }

    /**
     * Has four threads write and read parts of their own, and two read one that begins at the same
     * place, a page and all of it. {@return how many copies gave back other bytes}
     */
    static long wrongCopies(Extent extent) throws InterruptedException, ExecutionException {
        try (Arena arena = Arena.ofShared();
                ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 2)) {
            PartsAtOnce parts = new PartsAtOnce(extent, arena);
            parts.in(0, BYTES, (byte) 1);
            List<Callable<Object>> all = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                long offset = writer * PART;
                byte value = (byte) (writer + 2);
                all.add(Executors.callable(() -> parts.writeAndRead(offset, value)));
            }
            all.add(Executors.callable(() -> parts.read(WRITERS * PART, TestRuns.PAGE)));
            all.add(Executors.callable(() -> parts.read(WRITERS * PART, PART)));
            for (Future<?> each : threads.invokeAll(all)) {
                each.get();
            }
            return parts.wrong.get();
        }
    }

    private void writeAndRead(long offset, byte value) {
        MemorySegment back = arena.allocate(BYTES);
        for (int round = 0; round < ROUNDS; round++) {
            in(offset, PART, (byte) (value + 8 * (round % 8)));
            check(back, offset, PART, (byte) (value + 8 * (round % 8)));
        }
    }

    private void read(long offset, long bytes) {
        MemorySegment back = arena.allocate(BYTES);
        for (int round = 0; round < ROUNDS; round++) {
            check(back, offset, bytes, (byte) 1);
        }
    }

    private void in(long offset, long bytes, byte value) {
        try (Arena once = Arena.ofShared()) {
            extent.copyIn(0, once.allocate(BYTES).fill(value), TestRuns.ofBytes(offset, bytes));
        }
    }

    private void check(MemorySegment back, long offset, long bytes, byte value) {
        MemorySegment part = back.asSlice(offset, bytes).fill((byte) 0);
        extent.copyOut(0, back, TestRuns.ofBytes(offset, bytes));
        if (part.mismatch(arena.allocate(bytes).fill(value)) != -1) {
            wrong.incrementAndGet();
        }
    }
}
