// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.internal.copy.NativeCopier;
import io.highpage.internal.copy.RunList;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The two ends of a plain copy: memory of the kind that a migration copies between. One is a
 * buffer's home, with huge pages where large windows get them, the other is plain memory, as device
 * memory is that a driver took from the system.
 */
final class CopyEnds implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final Highpage hp =
            Highpage.builder().device(HostDevice.coherent(1)).open();
    private final ExecutorService second = Executors.newSingleThreadExecutor();
    private final RunList[] halves = new RunList[2];
    private final RunList all;
    private final Pin pin;

    final MemorySegment home;
    final MemorySegment plain;

    CopyEnds(long byteSize, long pageBytes) {
        PageBuffer buffer = Buffers.atHome(hp, byteSize, pageBytes);
        pin = buffer.pin(Pin.longTerm().shared());
        home = pin.segment();
        plain = arena.allocate(byteSize, pageBytes);
        plain.fill((byte) 1);
        long half = byteSize / 2;
        all = run(0, byteSize);
        halves[0] = run(0, half);
        halves[1] = run(half, byteSize - half);
    }

    private RunList run(long offset, long byteSize) {
        RunList list = new RunList(arena.allocate(RunList.RUN_BYTES, Long.BYTES));
        list.add(offset, byteSize);
        return list;
    }

    /** The native library's copy, as one run. */
    void nativeCopy(MemorySegment source, MemorySegment target) {
        NativeCopier.INSTANCE.copy(source, target, all, all.totalBytes());
    }

    /** The same by two threads, a half each. */
    void nativeCopyByTwo(MemorySegment source, MemorySegment target) {
        Future<?> other = second.submit(
                () -> NativeCopier.INSTANCE.copy(source, target, halves[1], all.totalBytes()));
        NativeCopier.INSTANCE.copy(source, target, halves[0], all.totalBytes());
        try {
            other.get();
        } catch (Exception failure) {
            throw new AssertionError("the other half", failure);
        }
    }

    @Override
    public void close() {
        second.close();
        pin.close();
        hp.close();
        arena.close();
    }
}
