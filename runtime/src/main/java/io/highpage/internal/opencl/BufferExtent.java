// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** A {@code cl_mem}: it has no address, and kernels get it, or a sub-buffer, as a handle. */
public final class BufferExtent implements Extent {
    private final ClQueue queue;
    private final MemorySegment buffer;
    private final long byteSize;
    private final long subBufferAlignment;

    private BufferExtent(ClQueue queue, MemorySegment buffer, long byteSize, long subBufferAlignment) {
        this.queue = queue;
        this.buffer = buffer;
        this.byteSize = byteSize;
        this.subBufferAlignment = subBufferAlignment;
    }

    /**
     * Allocates memory.
     *
     * @param subBufferAlignment what the start of a sub-buffer must be a multiple of
     */
    public static BufferExtent allocate(ClQueue queue, long byteSize, long subBufferAlignment) {
        return new BufferExtent(
                queue, queue.cl().createBuffer(queue.context(), byteSize), byteSize, subBufferAlignment);
    }

    @Override
    public long byteSize() {
        return byteSize;
    }

    @Override
    public long address() {
        return 0;
    }

    @Override
    public DeviceView view(long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, byteSize);
        MemorySegment handle = offset == 0 && bytes == byteSize ? retained() : subBuffer(offset, bytes);
        return new DeviceView(null, handle, () -> queue.cl().releaseBuffer(handle));
    }

    private MemorySegment retained() {
        queue.cl().retainBuffer(buffer);
        return buffer;
    }

    private MemorySegment subBuffer(long offset, long bytes) {
        if (offset % subBufferAlignment != 0) {
            throw new IllegalArgumentException("a kernel cannot get a range of a cl_mem that starts at byte " + offset
                    + ": this device wants a multiple of " + subBufferAlignment);
        }
        return queue.cl().createSubBuffer(buffer, offset, bytes);
    }

    @Override
    public void copyIn(long base, MemorySegment window, PageRuns runs) {
        PendingCommands.forEach(
                queue.cl(),
                "clEnqueueWriteBuffer",
                runs,
                (offset, bytes, event) -> queue.cl()
                        .enqueueWrite(
                                queue.queue(), buffer, at(base + offset, bytes), window.asSlice(offset, bytes), event));
    }

    @Override
    public void copyOut(long base, MemorySegment window, PageRuns runs) {
        PendingCommands.forEach(
                queue.cl(),
                "clEnqueueReadBuffer",
                runs,
                (offset, bytes, event) -> queue.cl()
                        .enqueueRead(
                                queue.queue(), buffer, at(base + offset, bytes), window.asSlice(offset, bytes), event));
    }

    @Override
    public void zero(long base, PageRuns runs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = FillPattern.zeros(arena, base, runs);
            PendingCommands.forEach(
                    queue.cl(),
                    "clEnqueueFillBuffer",
                    runs,
                    (offset, bytes, event) -> queue.cl()
                            .enqueueFill(queue.queue(), buffer, zeros, at(base + offset, bytes), bytes, event));
        }
    }

    @Override
    public void free() {
        queue.cl().releaseBuffer(buffer);
    }

    private long at(long offset, long bytes) {
        return Objects.checkFromIndexSize(offset, bytes, byteSize);
    }
}
