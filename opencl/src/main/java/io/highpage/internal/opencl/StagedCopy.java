// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.PageRuns;
import io.highpage.internal.close.Closes;
import io.highpage.internal.copy.RunList;
import io.highpage.internal.copy.SharedCopy;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One copy by way of staging memory. To the device a part is put into a piece and its commands are
 * enqueued; home the commands are enqueued first and the bytes fetched when they have ended. Before
 * a piece gets the next part, the commands of the one before have ended; and all have when this
 * ends, however it does, or the device is lost and may still be at work. Confined to one call.
 */
final class StagedCopy {
    private final ClContext context;
    private final Transfer transfer;
    private final long base;
    private final MemorySegment window;
    private final PageRuns runs;
    private final SharedCopy byCpu;
    private int run; // where the next part begins
    private long done; // of that run

    StagedCopy(
            ClContext context, Transfer transfer, long base, MemorySegment window, PageRuns runs) {
        this.context = context;
        this.transfer = transfer;
        this.base = base;
        this.window = window;
        this.runs = runs;
        this.byCpu = new SharedCopy(runs.threads());
    }

    void run(List<StagingPiece> pieces, long partBytes, Arena arena) {
        List<Lane> lanes =
                pieces.stream().map(piece -> new Lane(piece.memory(), arena)).toList();
        Throwable failed = null;
        int turn = 0;
        try {
            while (failed == null && run < runs.count()) {
                failed = lanes.get(turn % lanes.size()).next(partBytes);
                turn++;
            }
        } catch (Throwable thrown) { // what has begun is waited for all the same
            failed = thrown;
        }
        for (int i = 0; i < lanes.size(); i++) { // the one that began first ends first
            failed = lanes.get((turn + i) % lanes.size()).end(failed);
        }
        Closes.rethrow(failed);
    }

    /** A piece, and the part that is in it. */
    private final class Lane {
        private final MemorySegment memory;
        private final RunList part;
        private final PendingCommands commands;

        Lane(MemorySegment memory, Arena arena) {
            int capacity = Math.min(runs.count(), PendingCommands.CAPACITY);
            this.memory = memory;
            this.part = RunList.onHeap(capacity);
            this.commands = new PendingCommands(context, transfer.what(), null, capacity, arena);
        }

        /** Ends the part that is there, and begins the next. {@return the failure, or null} */
        @Nullable
        Throwable next(long bytes) {
            Throwable failed = end(null);
            if (failed != null) {
                return failed;
            }
            take(bytes);
            if (!transfer.home()) {
                failed = Closes.step(null, () -> move(true));
            }
            long at = 0;
            for (int i = 0; failed == null && i < part.count(); i++) {
                MemorySegment host = memory.asSlice(at, part.bytes(i));
                failed = commands.add(
                        part.offset(i),
                        part.bytes(i),
                        (offset, length, event) ->
                                transfer.enqueue(false, base + offset, host, event));
                at += part.bytes(i);
            }
            return failed != null
                    ? failed
                    : Closes.step(null, () -> context.cl().flush(transfer.queue()));
        }

        private void take(long bytes) {
            long room = bytes;
            while (room > 0 && run < runs.count() && !part.isFull()) {
                long length = Math.min(room, runs.bytes(run) - done);
                part.add(runs.offset(run) + done, length);
                room -= length;
                done += length;
                if (done == runs.bytes(run)) {
                    run++;
                    done = 0;
                }
            }
        }

        /**
         * Waits for the commands; home, fetches what they brought. Throws nothing, since other
         * lanes are to be waited for. {@return the failure, or null}
         */
        @Nullable
        Throwable end(@Nullable Throwable before) {
            Throwable failed = commands.await(before);
            if (failed == null && transfer.home()) {
                failed = fetch();
            }
            part.clear();
            return failed;
        }

        private @Nullable Throwable fetch() {
            try {
                move(false);
                return null;
            } catch (Throwable failure) {
                return failure;
            }
        }

        /** Moves the part between its places in the window and the piece, where it is in a row. */
        private void move(boolean in) {
            long total = runs.totalBytes();
            long at = 0;
            for (int i = 0; i < part.count(); i++) {
                long offset = part.offset(i);
                long bytes = part.bytes(i);
                if (in) {
                    byCpu.copyWindows(window, offset, memory, at, bytes, total);
                } else {
                    byCpu.copyWindows(memory, at, window, offset, bytes, total);
                }
                at += bytes;
            }
        }
    }
}
