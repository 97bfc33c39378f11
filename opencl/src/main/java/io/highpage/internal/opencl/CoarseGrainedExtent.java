// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_READ_WRITE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SUCCESS;

import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Coarse-grained SVM: it has an address, but only the driver may copy. */
public final class CoarseGrainedExtent extends PrivateExtent {
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
    Transfer in() {
        return new Transfer(
                "clEnqueueSVMMemcpy to the device",
                false,
                copies().in(),
                (queue, blocks, offset, host, event) -> cl().enqueueSvmCopy(
                                queue,
                                blocks,
                                pointer(offset, host.byteSize()),
                                host,
                                host.byteSize(),
                                event),
                oneMap(),
                this::mapping);
    }

    @Override
    Transfer out() {
        return new Transfer(
                "clEnqueueSVMMemcpy from the device",
                true,
                copies().out(),
                (queue, blocks, offset, host, event) -> cl().enqueueSvmCopy(
                                queue,
                                blocks,
                                host,
                                pointer(offset, host.byteSize()),
                                host.byteSize(),
                                event),
                oneMap(),
                this::mapping);
    }

    private Transfer.Mapping mapping(long offset, long bytes) {
        return new RegionMapping(pointer(offset, bytes), offset, bytes);
    }

    /** A region, which is mapped where it lies. */
    private final class RegionMapping implements Transfer.Mapping {
        private final MemorySegment region;
        private final long offset;
        private final long bytes;

        RegionMapping(MemorySegment region, long offset, long bytes) {
            this.region = region;
            this.offset = offset;
            this.bytes = bytes;
        }

        @Override
        public void map(MemorySegment queue, long flags) {
            int code = cl().mapSvm(queue, region, flags, bytes);
            if (code != CL_SUCCESS()) {
                throw context().refused("clEnqueueSVMMap", code, offset, bytes);
            }
        }

        @Override
        @SuppressWarnings("restricted") // it is touched while it is mapped
        public MemorySegment memory() {
            return region.reinterpret(bytes);
        }

        @Override
        public int enqueueUnmap(MemorySegment queue, MemorySegment event) {
            return cl().enqueueSvmUnmap(queue, region, event);
        }

        @Override
        public void release() {
            // nothing was made
        }
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
