// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A {@code cl_mem}: it has no address, and kernels get it as a handle if they use all of it, else a
 * sub-buffer.
 *
 * <p>OpenCL leaves undefined what happens when a buffer and a sub-buffer of it are written at the
 * same time, or two sub-buffers that overlap. So copies of a part go through sub-buffers as well:
 * what kernels use are other pages. The sub-buffers of two copies may overlap, where they begin or
 * end within what is aligned, so all copies are in one queue, which does one after the other, and
 * one part is mapped at a time.
 */
public final class BufferExtent extends PrivateExtent {
    private final long subBufferAlignment;

    @SuppressWarnings("NullAway.Init") // take() comes before every use
    private MemorySegment buffer; // null until it is taken

    private BufferExtent(ClContext context, long byteSize, long subBufferAlignment) {
        super(context, byteSize);
        this.subBufferAlignment = subBufferAlignment;
    }

    /**
     * Allocates memory.
     *
     * @param subBufferAlignment what the start of a sub-buffer must be a multiple of
     */
    public static Extent allocate(ClContext context, long byteSize, long subBufferAlignment) {
        return withMemory(new BufferExtent(context, byteSize, subBufferAlignment));
    }

    @Override
    void take() {
        buffer = context().createBuffer(byteSize());
    }

    @Override
    void giveBack() {
        if (buffer != null) {
            context().releaseBuffer(buffer);
        }
    }

    @Override
    public long address() {
        return 0;
    }

    @Override
    public DeviceView view(long offset, long bytes) {
        at(offset, bytes);
        if (offset % subBufferAlignment != 0) {
            throw new IllegalArgumentException("a kernel cannot get bytes " + offset + " to "
                    + (offset + bytes - 1)
                    + " as a cl_mem: on this device it must start at a multiple of "
                    + subBufferAlignment
                    + "; access from byte " + offset / subBufferAlignment * subBufferAlignment
                    + " and give the kernel an offset");
        }
        return viewWhileUsed(() -> viewed(offset, bytes));
    }

    private DeviceView viewed(long offset, long bytes) {
        MemorySegment[] handle = {null};
        Once release = new Once(() ->
                context().releaseBuffer(handle[0])); // first: it may be all there is memory for
        handle[0] =
                isWhole(offset, bytes) ? retained() : cl().createSubBuffer(buffer, offset, bytes);
        return DeviceView.handle(handle[0], release);
    }

    private MemorySegment retained() {
        cl().retainBuffer(buffer);
        return buffer;
    }

    private boolean isWhole(long offset, long bytes) {
        return offset == 0 && bytes == byteSize();
    }

    private MemorySegment queue() {
        return copies().in();
    }

    /** Enqueues a command on a part. */
    private interface PartCommand {
        int enqueue(MemorySegment part, long offset);
    }

    /**
     * What a command on a range is about: the buffer, or a sub-buffer, which the command keeps as
     * long as it runs. It starts as aligned as it must, in the range's first page. What it takes to
     * give it back is made first: it may be all there is memory for.
     */
    private final class Part {
        private final Runnable giveBack = () -> cl().releaseBuffer(handle());
        private final MemorySegment handle;
        private final long ahead; // where the range begins in it

        Part(long offset, long bytes) {
            at(offset, bytes);
            ahead = isWhole(offset, bytes) ? 0 : offset % subBufferAlignment;
            handle = isWhole(offset, bytes)
                    ? buffer
                    : cl().createSubBuffer(buffer, offset - ahead, bytes + ahead);
        }

        private MemorySegment handle() {
            return handle;
        }

        void release() {
            if (handle != buffer) {
                Cl.insist(giveBack);
            }
        }
    }

    /** Enqueues a command on a range. */
    private int onPart(long offset, long bytes, PartCommand command) {
        Part part = new Part(offset, bytes);
        try {
            return command.enqueue(part.handle, part.ahead);
        } finally {
            part.release();
        }
    }

    @Override
    Transfer in() {
        return new Transfer(
                "clEnqueueWriteBuffer",
                false,
                queue(),
                (queue, blocks, offset, host, event) -> onPart(
                        offset,
                        host.byteSize(),
                        (part, at) -> cl().enqueueWrite(queue, blocks, part, at, host, event)),
                oneMap(),
                PartMapping::new);
    }

    @Override
    Transfer out() {
        return new Transfer(
                "clEnqueueReadBuffer",
                true,
                queue(),
                (queue, blocks, offset, host, event) -> onPart(
                        offset,
                        host.byteSize(),
                        (part, at) -> cl().enqueueRead(queue, blocks, part, at, host, event)),
                oneMap(),
                PartMapping::new);
    }

    /** A part that is mapped, by way of a sub-buffer of its own as for copies. */
    private final class PartMapping implements Transfer.Mapping {
        private final long offset;
        private final long bytes;
        private final Part part; // last: nothing fails after it
        private MemorySegment mapped = MemorySegment.NULL;

        PartMapping(long offset, long bytes) {
            this.offset = offset;
            this.bytes = bytes;
            this.part = new Part(offset, bytes);
        }

        @Override
        public void map(MemorySegment queue, long flags) {
            mapped = cl().map(
                            queue,
                            part.handle,
                            flags,
                            part.ahead,
                            bytes,
                            code -> context().refused("clEnqueueMapBuffer", code, offset, bytes));
        }

        @Override
        @SuppressWarnings("restricted") // it is touched while it is mapped
        public MemorySegment memory() {
            return mapped.reinterpret(bytes);
        }

        @Override
        public int enqueueUnmap(MemorySegment queue, MemorySegment event) {
            return cl().enqueueUnmap(queue, part.handle, mapped, event);
        }

        @Override
        public void release() {
            part.release();
        }
    }

    @Override
    public void zero(long base, PageRuns runs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = FillPattern.zeros(arena, base, runs);
            run(
                    "clEnqueueFillBuffer",
                    runs,
                    (offset, bytes, event) -> onPart(
                            base + offset,
                            bytes,
                            (part, at) ->
                                    cl().enqueueFill(queue(), part, zeros, at, bytes, event)));
        }
    }
}
