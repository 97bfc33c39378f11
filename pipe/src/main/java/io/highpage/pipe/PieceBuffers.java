// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.internal.close.Closes;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PagesBusyException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A buffer for each input and output, with places for pieces of it, on the device. A place is a
 * span of the buffer where its length can be one, so that it has device memory of its own; else all
 * are in one.
 */
final class PieceBuffers implements AutoCloseable {
    private final PipeShape shape;
    private final Device device;
    private final List<PageBuffer> buffers = new ArrayList<>();

    private PieceBuffers(PipeShape shape, Device device) {
        this.shape = shape;
        this.device = device;
    }

    /** Takes memory, and brings it to the device, so that what is copied into it goes there. */
    static PieceBuffers open(Budget budget, Device device, PipeShape shape) {
        Allocation how = shape.inSpans()
                ? Allocation.defaults().spanBytes(shape.strideBytes())
                : Allocation.defaults();
        long bytes = (shape.sets() - 1) * shape.strideBytes() + shape.pieceBytes();
        PieceBuffers made = new PieceBuffers(shape, device);
        try {
            for (int i = 0; i < shape.files(); i++) {
                made.buffers.add(budget.allocate(bytes, how));
            }
            made.prefetch();
            return made;
        } catch (Throwable failed) {
            throw Ends.after(failed, made);
        }
    }

    /** What others are getting memory for at this moment comes with the first access. */
    private void prefetch() {
        List<CompletableFuture<MoveReport>> coming =
                buffers.stream().map(buffer -> buffer.prefetchAsync(device)).toList();
        for (CompletableFuture<MoveReport> each : coming) {
            each.join().failure().ifPresent(failure -> {
                if (!(failure instanceof PagesBusyException)) {
                    throw failure;
                }
            });
        }
    }

    /** {@return a place's part for a piece of an input} */
    PageRange input(int input, int place, long bytes) {
        return buffers.get(input).range(place * shape.strideBytes(), bytes);
    }

    /** {@return a place's part for a piece of an output} */
    PageRange output(int output, int place, long bytes) {
        return input(shape.inputs() + output, place, bytes);
    }

    Device device() {
        return device;
    }

    @Override
    public void close() {
        Closes.each(buffers, PageBuffer::close);
    }
}
