// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.PageRuns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Commands that were enqueued and have not been waited for. None outlives the call that enqueued it: the memory belongs to
 * somebody else from then on. Confined to that call.
 */
final class PendingCommands {
    // Bounds the events alive at once when pages alternate; the queue never runs dry at the few microseconds of one
    // wait.
    private static final int CAPACITY = 256;

    private final Cl cl;
    private final String what;
    private final MemorySegment events;
    private int count;

    /** Enqueues the command of one run. */
    @FunctionalInterface
    interface RunCommand {
        /**
         * Enqueues.
         *
         * @param offset first byte in the windows
         * @param bytes number of bytes
         * @param event where the command's event goes
         */
        void enqueue(long offset, long bytes, MemorySegment event);
    }

    private PendingCommands(Cl cl, String what, MemorySegment events) {
        this.cl = cl;
        this.what = what;
        this.events = events;
    }

    /**
     * Enqueues a command for each run and waits for all of them. When one cannot be enqueued, those before it are waited for
     * all the same.
     *
     * @param what the commands' name, for messages
     */
    static void forEach(Cl cl, String what, PageRuns runs, RunCommand command) {
        if (runs.count() == 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment events = arena.allocate(ValueLayout.ADDRESS, Math.min(runs.count(), CAPACITY));
            PendingCommands pending = new PendingCommands(cl, what, events);
            try {
                for (int run = 0; run < runs.count(); run++) {
                    pending.add(runs.offset(run), runs.bytes(run), command);
                }
            } catch (Throwable failure) {
                pending.abandon(failure);
                throw failure;
            }
            pending.await();
        }
    }

    private void add(long offset, long bytes, RunCommand command) {
        if (count * ValueLayout.ADDRESS.byteSize() == events.byteSize()) {
            await();
        }
        command.enqueue(offset, bytes, events.asSlice(count * ValueLayout.ADDRESS.byteSize(), ValueLayout.ADDRESS));
        count++;
    }

    private void abandon(Throwable failure) {
        try {
            await();
        } catch (RuntimeException other) {
            failure.addSuppressed(other);
        }
    }

    /** Waits for every command, then throws the first failure. */
    private void await() {
        FirstFailure failures = new FirstFailure();
        for (int i = 0; i < count; i++) {
            MemorySegment event = events.getAtIndex(ValueLayout.ADDRESS, i);
            failures.run(() -> ClEvents.await(cl, event, what));
            failures.run(() -> cl.releaseEvent(event));
        }
        count = 0;
        failures.rethrow();
    }
}
