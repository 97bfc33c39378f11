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
    private final Once unmap = new Once(this::unmapIt);
    private final Once release = new Once(this::releaseIt);
    private final Once free = new Once(this::freeOurs);
    private @Nullable MemorySegment ours; // null: the driver's own memory
    private @Nullable MemorySegment buffer; // null until there is one
    private @Nullable MemorySegment mapped; // the same

    @SuppressWarnings("NullAway.Init") // take() comes before every use
    private MemorySegment memory;

    private StagingPiece(ClContext context) {
        this.context = context;
    }

    /**
     * Makes a piece.
     *
     * @param wrapped whether of memory of ours that the driver is given, else of the driver's own
     */
    static StagingPiece make(ClContext context, boolean wrapped) {
        context.requireThere();
        StagingPiece piece = new StagingPiece(context); // with all that it takes to undo the rest
        try {
            piece.take(wrapped);
            return piece;
        } catch (Throwable failure) {
            piece.undo(failure);
            throw failure;
        }
    }

    @SuppressWarnings("restricted") // a driver's memory, as long as it said
    private void take(boolean wrapped) {
        MemorySegment host = wrapped ? LinuxMemory.INSTANCE.map(BYTES) : null;
        ours = host;
        MemorySegment made = context.cl()
                .createHostBuffer(
                        context.context(),
                        wrapped ? CL_MEM_USE_HOST_PTR() : CL_MEM_ALLOC_HOST_PTR(),
                        BYTES,
                        host == null ? MemorySegment.NULL : host,
                        code -> context.noStaging("clCreateBuffer", code, BYTES));
        buffer = made;
        MemorySegment seen = context.cl()
                .map(
                        queue(),
                        made,
                        BYTES,
                        code -> context.noStaging("clEnqueueMapBuffer", code, BYTES));
        mapped = seen;
        memory = seen.reinterpret(BYTES);
    }

    private void undo(Throwable failure) {
        try {
            close();
        } catch (Error early) { // before the driver was called
            Closes.step(failure, unmap);
            Closes.step(failure, release);
            Closes.step(failure, free);
        } catch (RuntimeException refused) {
            Closes.first(failure, refused);
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

    private void unmapIt() {
        if (buffer != null && mapped != null) {
            context.cl().unmap(queue(), buffer, mapped);
        }
    }

    private void releaseIt() {
        if (buffer != null) {
            context.cl().releaseBuffer(buffer);
        }
    }

    /** Only once the driver has let go of it: an address that is used again would be another's. */
    private void freeOurs() {
        if (ours != null && isLetGo()) {
            LinuxMemory.INSTANCE.unmap(ours);
        }
    }

    private boolean isLetGo() {
        if (buffer == null) {
            return true; // it never had it
        }
        return mapped == null
                ? context.isIdle(queue()) // not worth a device: else it is left to the driver
                : context.settle(queue(), "clEnqueueUnmapMemObject") == null;
    }
}
