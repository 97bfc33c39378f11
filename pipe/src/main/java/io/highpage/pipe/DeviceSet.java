// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.PageRange;
import io.highpage.internal.close.Closes;
import io.highpage.internal.pipe.OpenAccesses;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;

/**
 * A place for a piece of each input and output, and the kernel that runs over them, if one does.
 * Used by one thread at a time.
 */
final class DeviceSet implements AutoCloseable {
    private final PieceBuffers buffers;
    private final int place;
    private List<Boolean> roles = List.of();
    private Terms terms = Terms.defaults();
    private final OpenAccesses accesses = new OpenAccesses();
    private PieceKernel.@Nullable Launched launch;

    /** Whether a kernel has written to its outputs, which have been zeros until then. */
    private boolean used;

    /** The length of the piece that it has. */
    private long bytes;

    DeviceSet(PieceBuffers buffers, int place) {
        this.buffers = buffers;
        this.place = place;
    }

    /**
     * Prepares it for a run.
     *
     * @param outputs for each of the kernel's first arguments, whether it is an output
     * @param owner whose the run is
     */
    void begin(List<Boolean> outputs, String owner) {
        roles = outputs;
        terms = Terms.defaults().owner(owner).shared();
    }

    /** Copies a piece of every input from a slot, and lets outputs begin as zeros. */
    void load(HostSlots source, int slot, long pieceBytes) {
        bytes = pieceBytes;
        int input = 0;
        int output = 0;
        for (boolean role : roles) {
            if (!role) {
                PageRange range = buffers.input(input, place, bytes);
                source.memory()
                        .range(source.offset(slot, input++), bytes)
                        .copyTo(range.buffer(), range.offset());
            } else if (used) { // absent pages are zeros
                buffers.output(output++, place, bytes).fill((byte) 0);
            }
        }
        used = true;
    }

    /** Has the kernel run over the piece. */
    void launch(PieceKernel kernel, RunListener listener) {
        int input = 0;
        int output = 0;
        for (boolean role : roles) {
            AccessMode mode = role ? AccessMode.READ_WRITE : AccessMode.READ;
            PageRange range = role
                    ? buffers.output(output++, place, bytes)
                    : buffers.input(input++, place, bytes);
            listener.using(range, buffers.device(), mode);
            accesses.add(range, terms.mode(mode), buffers.device());
        }
        launch = kernel.launch(bytes, accesses.all());
        accesses.endWithTheirWork();
    }

    /**
     * Waits for the kernel that was launched, for its event and not in the driver.
     *
     * @return the time it took, in nanoseconds
     */
    long await() {
        accesses.await(); // whoever asks for the time, or ends this, is told of a failure
        long nanos = Objects.requireNonNull(launch).await();
        close();
        return nanos;
    }

    /** Copies a piece of every output to a slot. */
    void store(HostSlots target, int slot, int outputs) {
        for (int output = 0; output < outputs; output++) {
            buffers.output(output, place, bytes)
                    .copyTo(target.memory(), target.offset(slot, output));
        }
    }

    long bytes() {
        return bytes;
    }

    /**
     * Waits for the kernel, and tells if it failed. If it is not known whether it has ended, what
     * it uses stays as it is, and the next call waits again.
     */
    @Override
    public void close() {
        Throwable failed = Ends.step(null, accesses);
        if (launch != null && accesses.isEmpty()) {
            failed = Ends.step(failed, launch);
            launch = null;
        }
        Closes.rethrow(failed);
    }
}
