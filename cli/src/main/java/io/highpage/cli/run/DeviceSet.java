// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.DeviceAccess;
import io.highpage.PageRange;
import io.highpage.cli.console.AccessTrace;
import io.highpage.cli.console.CloseAll;
import io.highpage.cli.kernel.OpenClProgram;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A place for a piece of each file, and the kernel that runs over them, if one does. Used by one
 * thread at a time.
 */
final class DeviceSet implements AutoCloseable {
    private static final Terms SHARED = Terms.defaults().shared();

    private final PieceBuffers buffers;
    private final JobFiles files;
    private final long place;
    private final AccessTrace trace;
    private final List<DeviceAccess> accesses = new ArrayList<>();
    private final List<CompletableFuture<Void>> closing = new ArrayList<>();
    private OpenClProgram.@Nullable Launch launch;
    private long piece;
    private boolean used;

    /** For the first piece, which has the number of the place. */
    DeviceSet(PieceBuffers buffers, long place, AccessTrace trace) {
        this.trace = trace;
        this.buffers = buffers;
        this.files = buffers.files();
        this.place = place;
        this.piece = place;
    }

    /** Copies a piece of every input from a slot, and lets outputs begin as zeros. */
    void load(IoSlots source, int slot, long nextPiece) {
        piece = nextPiece;
        int input = 0;
        for (int i = 0; i < files.count(); i++) {
            PageRange range = range(i);
            if (!files.arguments().get(i).output()) {
                source.memory()
                        .range(source.offset(slot, input++), bytes())
                        .copyTo(range.buffer(), range.offset());
            } else if (used) { // absent pages are zeros
                range.fill((byte) 0);
            }
        }
        used = true;
    }

    /** Has the kernel run over the piece. */
    void launch(OpenClProgram program, KernelJob.Call call) {
        for (int i = 0; i < files.count(); i++) {
            boolean output = files.arguments().get(i).output();
            AccessMode mode = output ? AccessMode.READ_WRITE : AccessMode.READ;
            PageRange range = range(i);
            trace.used(range, buffers.device(), mode);
            accesses.add(range.access(SHARED.mode(mode), buffers.device()));
        }
        List<Object> arguments = new ArrayList<>(accesses);
        arguments.addAll(call.scalars());
        launch = program.launch(files.items(bytes()), call.group(), arguments);
        accesses.forEach(access -> closing.add(access.closeAsync())); // once the kernel has ended
    }

    /**
     * Waits for the kernel that was launched, for its event and not in the driver.
     *
     * @return the time it took, in nanoseconds
     */
    long await() {
        for (CompletableFuture<Void> each : closing) {
            // Whoever asks for the time, or ends this, is told of a failure.
            each.handle((closed, failure) -> closed).join();
        }
        long nanos = Objects.requireNonNull(launch).await();
        end();
        return nanos;
    }

    /** Copies a piece of every output to a slot. */
    void store(IoSlots target, int slot) {
        int output = 0;
        for (int i = 0; i < files.count(); i++) {
            if (files.arguments().get(i).output()) {
                range(i).copyTo(target.memory(), target.offset(slot, output++));
            }
        }
    }

    /** {@return where the piece of a file is} */
    PageRange range(int file) {
        return buffers.range(file, place, files.bytes(file, piece));
    }

    long bytes() {
        return files.bytes(piece);
    }

    /** Closing an access waits for the kernel, and tells if it failed. */
    private void end() {
        List<AutoCloseable> all = new ArrayList<>();
        closing.forEach(each -> all.add(() -> told(each)));
        all.addAll(accesses); // those that are still open
        if (launch != null) {
            all.add(launch);
        }
        closing.clear();
        accesses.clear();
        launch = null;
        CloseAll.inOrder(all);
    }

    private static void told(CompletableFuture<Void> closing) {
        try {
            closing.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failed;
        }
    }

    @Override
    public void close() {
        end();
    }
}
