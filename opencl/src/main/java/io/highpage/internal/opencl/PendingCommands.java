// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_COMPLETE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SUCCESS;

import io.highpage.device.PageRuns;
import io.highpage.internal.close.Closes;
import io.highpage.outcome.DeviceLostException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Commands that were enqueued and have not been waited for. None outlives the call that enqueued
 * it: the memory belongs to somebody else from then on. If it cannot be known whether one has
 * ended, the device is lost and may still be at work. Confined to that call.
 */
final class PendingCommands {
    // Bounds the events alive at once when pages alternate; the queue never runs dry at the few
    // microseconds of one wait.
    static final int CAPACITY = 256;

    private static final long EVENT_BYTES = ValueLayout.ADDRESS.byteSize();

    private final ClContext context;
    private final String what;
    private final @Nullable MemorySegment blocking;
    private final MemorySegment events;
    private final EventWait wait;
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
         * @return the call's result
         */
        int enqueue(long offset, long bytes, MemorySegment event);
    }

    /**
     * Makes room for commands.
     *
     * @param what the commands' name, for messages
     * @param blocking the queue, if the calls block until their commands have ended, else null
     * @param capacity for how many of them
     */
    PendingCommands(
            ClContext context,
            String what,
            @Nullable MemorySegment blocking,
            int capacity,
            Arena arena) {
        this.context = context;
        this.what = what;
        this.blocking = blocking;
        long eventBytes = capacity * EVENT_BYTES;
        MemorySegment room = // one piece, since a copy of a page notices each
                arena.allocate(eventBytes + EventWait.STATUS.byteSize(), EVENT_BYTES);
        this.events = room.asSlice(0, eventBytes);
        this.wait = new EventWait(
                context.cl(), room.asSlice(eventBytes), context.cl().patience());
    }

    /**
     * Enqueues a command for each run and waits for all of them. When one cannot be enqueued, those
     * before it are waited for all the same.
     *
     * @param what the commands' name, for messages
     * @param blocking the queue, if the calls block until their commands have ended, else null
     */
    static void forEach(
            ClContext context,
            String what,
            @Nullable MemorySegment blocking,
            PageRuns runs,
            RunCommand command) {
        if (runs.count() == 0) {
            return;
        }
        context.requireThere();
        try (Arena arena = Arena.ofConfined()) {
            PendingCommands pending = new PendingCommands(
                    context, what, blocking, Math.min(runs.count(), CAPACITY), arena);
            Throwable failed = null;
            for (int run = 0; failed == null && run < runs.count(); run++) {
                failed = pending.add(runs.offset(run), runs.bytes(run), command);
            }
            Closes.rethrow(pending.await(failed));
        }
    }

    /** {@return why the command was not added, or null; also if one of those before it failed} */
    @Nullable
    Throwable add(long offset, long bytes, RunCommand command) {
        Throwable failed = count * EVENT_BYTES == events.byteSize() ? await(null) : null;
        if (failed != null) {
            return failed;
        }
        MemorySegment event = place(count);
        event.set(ValueLayout.ADDRESS, 0, MemorySegment.NULL);
        try {
            int code = command.enqueue(offset, bytes, event);
            failed = code == CL_SUCCESS()
                    ? null
                    : failure(code, ": offset=" + offset + " size=" + bytes, bytes);
        } catch (Throwable failure) {
            failed = failure;
        }
        if (event.get(ValueLayout.ADDRESS, 0).address()
                != 0) { // also when what came after the call failed
            count++;
        } else if (failed != null && blocking != null) {
            DeviceLostException running = context.settle(blocking, what);
            failed = running == null ? failed : Closes.first(running, failed);
        }
        return failed;
    }

    private MemorySegment place(int number) {
        return events.asSlice(number * EVENT_BYTES, ValueLayout.ADDRESS);
    }

    private void release(MemorySegment event) {
        context.cl().releaseEvent(event.get(ValueLayout.ADDRESS, 0));
    }

    private Throwable failure(int code, String arguments, long bytes) {
        return context.failure(what, code, arguments, bytes);
    }

    /**
     * Waits for every command.
     *
     * @param before a failure so far, or null
     * @return the failure to throw, or null: that some may still run, before any other, else the
     *     first
     */
    @Nullable
    Throwable await(@Nullable Throwable before) {
        Throwable failed = before;
        DeviceLostException running = null;
        for (int i = 0; i < count; i++) {
            MemorySegment event = place(i);
            int status = running == null ? wait.await(event) : wait.look(event);
            if (status == EventWait.UNKNOWN) {
                running = running == null
                        ? context.lose(what + " may still run: " + wait.text(), true)
                        : running;
            } else if (status != CL_COMPLETE()) {
                failed = Closes.first(failed, failure(status, ", while it ran", 0));
            }
            failed = Closes.step(failed, () -> Cl.insist(() -> release(event)));
        }
        count = 0;
        return running == null ? failed : Closes.first(running, failed);
    }
}
