// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_READ_WRITE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_SVM_FINE_GRAIN_BUFFER;

import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Fine-grained SVM: memory that the CPU and the device share, so the CPU copies in place. */
public final class FineGrainedExtent implements Extent {
    private final ClQueue queue;
    private final MemorySegment address;
    private final Arena arena; // ends with the memory: a view that is used later throws instead of crashing
    private final MemorySegment memory;

    private FineGrainedExtent(ClQueue queue, MemorySegment address, Arena arena, MemorySegment memory) {
        this.queue = queue;
        this.address = address;
        this.arena = arena;
        this.memory = memory;
    }

    /** Allocates memory. */
    @SuppressWarnings("restricted")
    public static FineGrainedExtent allocate(ClQueue queue, long byteSize) {
        long flags = CL_MEM_READ_WRITE() | CL_MEM_SVM_FINE_GRAIN_BUFFER();
        MemorySegment address = queue.cl().svmAlloc(queue.context(), flags, byteSize);
        Arena arena = Arena.ofShared();
        return new FineGrainedExtent(queue, address, arena, address.reinterpret(byteSize, arena, null));
    }

    @Override
    public long byteSize() {
        return memory.byteSize();
    }

    @Override
    public long address() {
        return address.address();
    }

    @Override
    public DeviceView view(long offset, long byteSize) {
        return DeviceView.pointer(memory.asSlice(offset, byteSize));
    }

    @Override
    public void copyIn(long base, MemorySegment window, PageRuns runs) {
        runs.copy(window, memory.asSlice(base));
    }

    @Override
    public void copyOut(long base, MemorySegment window, PageRuns runs) {
        runs.copy(memory.asSlice(base), window);
    }

    @Override
    public void zero(long base, PageRuns runs) {
        runs.zero(memory.asSlice(base));
    }

    @Override
    public void free() {
        arena.close();
        queue.cl().svmFree(queue.context(), address);
    }
}
