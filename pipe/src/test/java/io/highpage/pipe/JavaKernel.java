// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.DeviceAccess;
import io.highpage.device.Completion;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A kernel in Java over memory that it reaches: each byte of the output is that of the input, plus
 * one. A subclass breaks it.
 */
class JavaKernel implements PieceKernel {
    final AtomicInteger launches = new AtomicInteger();
    int open;
    boolean closed;

    /** {@return a run's work with this kernel: one input, one output} */
    Pipe.Work work() {
        return new Pipe.Work(List.of(false, true), 1, () -> this);
    }

    /** Before each launch. */
    void launching() {}

    /** {@return what the accesses are told of, or null for nothing} */
    Completion completion() {
        return () -> {};
    }

    @Override
    public Launched launch(long bytes, List<DeviceAccess> accesses) {
        launches.incrementAndGet();
        launching();
        MemorySegment in = memory(accesses.getFirst());
        MemorySegment out = memory(accesses.getLast());
        for (long i = 0; i < bytes; i++) {
            out.set(ValueLayout.JAVA_BYTE, i, (byte) (in.get(ValueLayout.JAVA_BYTE, i) + 1));
        }
        Completion told = completion();
        accesses.forEach(access -> access.completesWith(told));
        open++;
        return Launched.of(
                () -> {
                    told.await();
                    return 1;
                },
                () -> open--);
    }

    @SuppressWarnings("restricted") // a coherent device: the CPU may touch it
    static MemorySegment memory(DeviceAccess access) {
        return MemorySegment.ofAddress(access.address()).reinterpret(access.byteSize());
    }

    @Override
    public void close() {
        closed = true;
    }

    /** {@return what it makes of bytes} */
    static byte[] of(byte[] bytes) {
        byte[] all = bytes.clone();
        for (int i = 0; i < all.length; i++) {
            all[i]++;
        }
        return all;
    }
}
