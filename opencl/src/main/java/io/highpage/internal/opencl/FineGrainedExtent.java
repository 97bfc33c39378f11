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
public final class FineGrainedExtent extends ClExtent {
    private final Arena arena; // ends with the memory: a view that is used later throws

    @SuppressWarnings("NullAway.Init") // take() comes before every use
    private MemorySegment address; // null until it is taken

    @SuppressWarnings("NullAway.Init") // take() comes before every use
    private MemorySegment memory;

    private FineGrainedExtent(ClContext context, long byteSize) {
        // First: there may be no memory for it, and the context is in use from super() on.
        arena = Arena.ofShared();
        super(context, byteSize);
    }

    /** Allocates memory. */
    public static Extent allocate(ClContext context, long byteSize) {
        return withMemory(new FineGrainedExtent(context, byteSize));
    }

    @Override
    @SuppressWarnings("restricted")
    void take() {
        address = context()
                .svmAlloc(CL_MEM_READ_WRITE() | CL_MEM_SVM_FINE_GRAIN_BUFFER(), byteSize());
        memory = address.reinterpret(byteSize(), arena, null);
    }

    @Override
    void giveBack() {
        if (address != null) {
            context().svmFree(address);
        }
    }

    @Override
    public long address() {
        return address.address();
    }

    @Override
    public DeviceView view(long offset, long bytes) {
        return viewWhileUsed(() -> DeviceView.pointer(memory.asSlice(offset, bytes)));
    }

    @Override
    public void copyIn(long base, MemorySegment window, PageRuns runs) {
        whileUsed(() -> runs.copy(window, memory.asSlice(base)));
    }

    @Override
    public void copyOut(long base, MemorySegment window, PageRuns runs) {
        whileUsed(() -> runs.copy(memory.asSlice(base), window));
    }

    @Override
    public void zero(long base, PageRuns runs) {
        whileUsed(() -> runs.zero(memory.asSlice(base)));
    }

    /**
     * The views end first: the JVM refuses that while a call uses one, and then nothing has
     * happened.
     */
    @Override
    public void free() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
        super.free();
    }
}
