// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.Device;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.cli.console.CloseAll;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.MoveReport;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * A buffer for each file, with places for pieces of it. A place is a span of the buffer where its
 * length can be one, so that it has device memory of its own; else all are in one. Confined to one
 * thread.
 */
final class PieceBuffers implements AutoCloseable {
    private final JobFiles files;
    private final Device device;
    private final List<PageBuffer> buffers = new ArrayList<>();

    private PieceBuffers(JobFiles files, Device device) {
        this.files = files;
        this.device = device;
    }

    static PieceBuffers allocate(Highpage runtime, JobFiles files) {
        Allocation how = files.inSpans()
                ? Allocation.defaults().spanBytes(files.stride())
                : Allocation.defaults();
        long last = files.pieces() - 1;
        long bytes = last * files.stride() + files.bytes(last);
        PieceBuffers made = new PieceBuffers(files, runtime.device());
        try {
            for (int i = 0; i < files.count(); i++) {
                OptionalLong own = files.own().get(i);
                made.buffers.add(
                        own.isPresent()
                                ? runtime.allocate(own.getAsLong())
                                : runtime.allocate(bytes, how));
            }
            return made;
        } catch (RuntimeException | Error failed) {
            CloseAll.after(failed, made);
            throw failed;
        }
    }

    /**
     * Brings all of them to the device, at the same time, so that what is copied into them goes
     * there already. What does not move now moves with the first access, or says why.
     */
    void prefetch() {
        List<CompletableFuture<MoveReport>> coming =
                buffers.stream().map(buffer -> buffer.prefetchAsync(device)).toList();
        CompletableFuture.allOf(coming.toArray(CompletableFuture<?>[]::new)).join();
    }

    /** {@return a place's part for a piece of a file} */
    PageRange range(int file, long place, long bytes) {
        return buffers.get(file).range(place * files.stride(), bytes);
    }

    JobFiles files() {
        return files;
    }

    Device device() {
        return device;
    }

    @Override
    public void close() {
        CloseAll.inOrder(buffers);
    }
}
