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
 * ended, the device is lost and may still be at work. So nothing that is needed for that allocates
 * between the first command and the last wait, and nothing throws there. What gives an event back
 * does: one is lost if the heap stays full. Confined to that call.
 */
final class PendingCommands {
    // Bounds the events alive at once when pages alternate; the queue never runs dry at the few
    // microseconds of one wait.
    static final int CAPACITY = 256;

    private static final ValueLayout.OfLong EVENT = ValueLayout.JAVA_LONG; // no object when read
    private static final long EVENT_BYTES = EVENT.byteSize();

    private final ClContext context;
    private final String what;
    private final @Nullable MemorySegment blocking;
    private final MemorySegment events;
    private final MemorySegment event; // the one that is made, or looked at
    private final EventWait wait;
    private final Runnable release;
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
                arena.allocate(eventBytes + EVENT_BYTES + EventWait.STATUS.byteSize(), EVENT_BYTES);
        this.events = room.asSlice(0, eventBytes);
        this.event = room.asSlice(eventBytes, EVENT_BYTES);
        this.wait = new EventWait(
                context.cl(),
                room.asSlice(eventBytes + EVENT_BYTES),
                context.cl().patience());
        Runnable once = () -> context.cl().releaseEvent(event.get(ValueLayout.ADDRESS, 0));
        this.release = () -> Cl.insist(once);
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
        event.set(EVENT, 0, 0);
        try {
            int code = command.enqueue(offset, bytes, event);
            failed = code == CL_SUCCESS()
                    ? null
                    : failure(code, ": offset=" + offset + " size=" + bytes, bytes);
        } catch (Throwable failure) {
            failed = failure;
        }
        long made = event.get(EVENT, 0);
        if (made != 0) { // also when what came after the call failed
            events.set(EVENT, count++ * EVENT_BYTES, made);
        } else if (failed != null && blocking != null) {
            failed = Closes.first(context.settle(blocking, what), failed);
        }
        return failed;
    }

    private Throwable failure(int code, String arguments, long bytes) {
        return context.failure(what, code, arguments, bytes);
    }

    /**
     * Waits for every command. Throws nothing.
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
            event.set(EVENT, 0, events.get(EVENT, i * EVENT_BYTES));
            int status = status(running == null);
            if (status != EventWait.UNKNOWN) {
                failed = status == CL_COMPLETE() ? failed : withFailed(status, failed);
            } else if (running == null) {
                running = context.loseRunning(what, wait);
            }
            failed = Closes.step(failed, release);
        }
        count = 0;
        return Closes.first(running, failed);
    }

    private int status(boolean waits) {
        try {
            return waits ? wait.await(event) : wait.look(event);
        } catch (Throwable noRoom) { // of the stack, or of the heap where nobody waits any more
            return EventWait.UNKNOWN;
        }
    }

    private @Nullable Throwable withFailed(int status, @Nullable Throwable before) {
        try {
            return Closes.first(before, failure(status, ", while it ran", 0));
        } catch (Throwable noRoom) {
            return Closes.first(before, noRoom);
        }
    }
}
