// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_READ_WRITE;

import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Coarse-grained SVM: it has an address, but only the driver may copy, straight from and to the host window. */
public final class CoarseGrainedExtent implements Extent {
    private final ClQueue queue;
    private final MemorySegment address;
    private final long byteSize;

    private CoarseGrainedExtent(ClQueue queue, MemorySegment address, long byteSize) {
        this.queue = queue;
        this.address = address;
        this.byteSize = byteSize;
    }

    /** Allocates memory. */
    public static CoarseGrainedExtent allocate(ClQueue queue, long byteSize) {
        return new CoarseGrainedExtent(
                queue, queue.cl().svmAlloc(queue.context(), CL_MEM_READ_WRITE(), byteSize), byteSize);
    }

    @Override
    public long byteSize() {
        return byteSize;
    }

    @Override
    public long address() {
        return address.address();
    }

    @Override
    public DeviceView view(long offset, long bytes) {
        return DeviceView.pointer(at(offset, bytes));
    }

    @Override
    public void copyIn(long base, MemorySegment window, PageRuns runs) {
        PendingCommands.forEach(
                queue.cl(),
                "clEnqueueSVMMemcpy to the device",
                runs,
                (offset, bytes, event) -> queue.cl()
                        .enqueueSvmCopy(
                                queue.queue(), at(base + offset, bytes), window.asSlice(offset, bytes), bytes, event));
    }

    @Override
    public void copyOut(long base, MemorySegment window, PageRuns runs) {
        PendingCommands.forEach(
                queue.cl(),
                "clEnqueueSVMMemcpy from the device",
                runs,
                (offset, bytes, event) -> queue.cl()
                        .enqueueSvmCopy(
                                queue.queue(), window.asSlice(offset, bytes), at(base + offset, bytes), bytes, event));
    }

    @Override
    public void zero(long base, PageRuns runs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = FillPattern.zeros(arena, address.address() + base, runs);
            PendingCommands.forEach(
                    queue.cl(),
                    "clEnqueueSVMMemFill",
                    runs,
                    (offset, bytes, event) ->
                            queue.cl().enqueueSvmFill(queue.queue(), at(base + offset, bytes), zeros, bytes, event));
        }
    }

    @Override
    public void free() {
        queue.cl().svmFree(queue.context(), address);
    }

    /** The driver would crash, or write to what lies behind. */
    private MemorySegment at(long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, byteSize);
        return MemorySegment.ofAddress(address.address() + offset);
    }
}
