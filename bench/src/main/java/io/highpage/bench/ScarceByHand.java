// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.bench.ScarceKernels.OnOpenCl;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.cl_mem;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * The plain way: the data is in host memory, and each kernel gets what it uses in a {@code cl_mem}
 * that is written before, and read after it if the kernel changes it.
 */
final class ScarceByHand extends ScarceMix {
    private final OnOpenCl kernels;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment data;
    private final cl_mem[] memory = new cl_mem[THREADS];

    ScarceByHand(String device, int spans) {
        super(spans);
        kernels = (OnOpenCl) ScarceKernels.on(device);
        data = arena.allocate(spans * SPAN_BYTES, Long.BYTES);
        Scarce.fill(data, 0);
        for (int thread = 0; thread < THREADS; thread++) {
            memory[thread] = kernels.allocate(SPAN_BYTES);
        }
    }

    private Pointer pointer(long offset, long byteSize) {
        ByteBuffer bytes = data.asSlice(offset, byteSize).asByteBuffer();
        return Pointer.to(bytes);
    }

    @Override
    int sum(int thread, long offset) {
        return kernels.sum(thread, memory[thread], pointer(offset, SPAN_BYTES), SPAN_BYTES);
    }

    @Override
    void mix(int thread, long offset) {
        kernels.mix(thread, memory[thread], pointer(offset, PART_BYTES), PART_BYTES);
    }

    @Override
    int pin(int thread, long offset, boolean change) {
        MemorySegment piece = data.asSlice(offset, PIECE_BYTES);
        int sum = ScarceKernels.sum(piece);
        if (change) {
            piece.set(ValueLayout.JAVA_INT, 0, piece.get(ValueLayout.JAVA_INT, 0) + 1);
        }
        return sum;
    }

    @Override
    void unpin(int thread) {
        // Host memory stays where it is.
    }

    /** {@return the SHA-256 of all data} */
    String sha256() {
        return Scarce.sha256(data);
    }

    @Override
    public void close() {
        for (cl_mem each : memory) {
            CL.clReleaseMemObject(each);
        }
        kernels.close();
        arena.close();
    }
}
