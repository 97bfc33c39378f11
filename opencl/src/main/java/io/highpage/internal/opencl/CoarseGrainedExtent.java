// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_READ_WRITE;

import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Coarse-grained SVM: it has an address, but only the driver may copy, straight from and to the
 * host window.
 */
public final class CoarseGrainedExtent extends ClExtent {
    @SuppressWarnings("NullAway.Init") // take() comes before every use
    private MemorySegment memory; // null until it is taken

    private CoarseGrainedExtent(ClContext context, long byteSize) {
        super(context, byteSize);
    }

    /** Allocates memory. */
    public static Extent allocate(ClContext context, long byteSize) {
        return withMemory(new CoarseGrainedExtent(context, byteSize));
    }

    @Override
    void take() {
        memory = context().svmAlloc(CL_MEM_READ_WRITE(), byteSize());
    }

    @Override
    void giveBack() {
        if (memory != null) {
            context().svmFree(memory);
        }
    }

    @Override
    public long address() {
        return memory.address();
    }

    @Override
    public DeviceView view(long offset, long bytes) {
        return viewWhileUsed(() -> DeviceView.pointer(pointer(offset, bytes)));
    }

    @Override
    public void copyIn(long base, MemorySegment window, PageRuns runs) {
        run(
                "clEnqueueSVMMemcpy to the device",
                runs,
                (offset, bytes, event) -> cl().enqueueSvmCopy(
                                copies().in(),
                                pointer(base + offset, bytes),
                                window.asSlice(offset, bytes),
                                bytes,
                                event));
    }

    @Override
    public void copyOut(long base, MemorySegment window, PageRuns runs) {
        run(
                "clEnqueueSVMMemcpy from the device",
                runs,
                (offset, bytes, event) -> cl().enqueueSvmCopy(
                                copies().out(),
                                window.asSlice(offset, bytes),
                                pointer(base + offset, bytes),
                                bytes,
                                event));
    }

    @Override
    public void zero(long base, PageRuns runs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = FillPattern.zeros(arena, memory.address() + base, runs);
            run(
                    "clEnqueueSVMMemFill",
                    runs,
                    (offset, bytes, event) -> cl().enqueueSvmFill(
                                    copies().in(),
                                    pointer(base + offset, bytes),
                                    zeros,
                                    bytes,
                                    event));
        }
    }

    private MemorySegment pointer(long offset, long bytes) {
        return MemorySegment.ofAddress(memory.address() + at(offset, bytes));
    }
}
