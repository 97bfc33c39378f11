// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_ALLOC_HOST_PTR;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_USE_HOST_PTR;

import io.highpage.internal.close.Closes;
import io.highpage.internal.os.LinuxMemory;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;

/**
 * Host memory that the driver can keep page-locked: a buffer of its, mapped for as long as it is
 * there. One user at a time.
 */
final class StagingPiece {
    static final long BYTES = 4L << 20;

    private final ClContext context;
    private final @Nullable MemorySegment ours; // null: the driver's own memory
    private final MemorySegment buffer;
    private final MemorySegment memory;
    private final Once unmap;
    private final Once release;
    private final Once free;

    @SuppressWarnings("restricted") // a driver's memory, as long as it said
    private StagingPiece(
            ClContext context,
            @Nullable MemorySegment ours,
            MemorySegment buffer,
            MemorySegment mapped) {
        this.context = context;
        this.ours = ours;
        this.buffer = buffer;
        this.memory = mapped.reinterpret(BYTES);
        this.unmap = new Once(() -> context.cl().unmap(queue(), buffer, mapped));
        this.release = new Once(() -> context.cl().releaseBuffer(buffer));
        this.free = new Once(this::freeOurs);
    }

    /**
     * Makes a piece.
     *
     * @param wrapped whether of memory of ours that the driver is given, else of the driver's own
     */
    static StagingPiece make(ClContext context, boolean wrapped) {
        context.requireThere();
        Cl cl = context.cl();
        MemorySegment ours = wrapped ? LinuxMemory.INSTANCE.map(BYTES) : null;
        MemorySegment buffer = null;
        try {
            buffer = cl.createHostBuffer(
                    context.context(),
                    wrapped ? CL_MEM_USE_HOST_PTR() : CL_MEM_ALLOC_HOST_PTR(),
                    BYTES,
                    ours == null ? MemorySegment.NULL : ours,
                    code -> context.noStaging("clCreateBuffer", code, BYTES));
            MemorySegment mapped = cl.map(
                    context.copies().in(),
                    buffer,
                    BYTES,
                    code -> context.noStaging("clEnqueueMapBuffer", code, BYTES));
            return new StagingPiece(context, ours, buffer, mapped);
        } catch (Throwable failure) {
            MemorySegment made = buffer;
            if (made != null) {
                Closes.step(failure, () -> Cl.insist(() -> cl.releaseBuffer(made)));
            }
            if (ours != null && made == null) { // else the driver may still have it mapped
                Closes.step(failure, () -> LinuxMemory.INSTANCE.unmap(ours));
            }
            throw failure;
        }
    }

    MemorySegment memory() {
        return memory;
    }

    private MemorySegment queue() {
        return context.copies().in();
    }

    /** Gives it back; a second call goes on where the first one failed. */
    void close() {
        Throwable failed = Closes.step(null, unmap);
        if (failed instanceof Error early) {
            throw early; // before the driver was called
        }
        failed = Closes.step(failed, release);
        Closes.rethrow(Closes.step(failed, free));
    }

    /** Only once the driver has let go of it: an address that is used again would be another's. */
    private void freeOurs() {
        if (ours != null && context.settle(queue(), "clEnqueueUnmapMemObject") == null) {
            LinuxMemory.INSTANCE.unmap(ours);
        }
    }
}
