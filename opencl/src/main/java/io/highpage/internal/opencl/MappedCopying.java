// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_MAP_READ;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_MAP_WRITE_INVALIDATE_REGION;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SUCCESS;

import io.highpage.device.PageRuns;
import io.highpage.internal.close.Closes;
import io.highpage.internal.copy.SharedCopy;
import io.highpage.internal.opencl.Transfer.Mapping;
import io.highpage.outcome.DeviceLostException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Has the driver map each run, and copies by the CPU, whose threads share it as they share all
 * large copies. Of an extent one part is mapped at a time: some drivers know what is mapped by
 * where it starts, or by its allocation. Thread-safe.
 */
enum MappedCopying implements Copying {
    INSTANCE;

    @Override
    public void copy(
            ClContext context, Transfer transfer, long base, MemorySegment window, PageRuns runs) {
        context.requireThere();
        try (Arena arena = Arena.ofConfined()) {
            SharedCopy byCpu = new SharedCopy(runs.threads());
            Maps maps = new Maps(context, transfer, window, byCpu, arena);
            for (int run = 0; run < runs.count(); run++) {
                long offset = runs.offset(run);
                long bytes = runs.bytes(run);
                synchronized (transfer.oneMap()) {
                    maps.copy(transfer.mapper().prepare(base + offset, bytes), offset, bytes);
                }
            }
        }
    }

    /**
     * Maps one range after the other. What that takes is made before anything is mapped, since
     * memory that stays mapped is lost to the device. Confined to one call.
     */
    private static final class Maps implements PendingCommands.RunCommand {
        private final ClContext context;
        private final Transfer transfer;
        private final MemorySegment window;
        private final SharedCopy byCpu;
        private final PendingCommands unmap;
        private final Retries retries;
        private @Nullable Mapping mapping; // the one that is to be unmapped

        Maps(
                ClContext context,
                Transfer transfer,
                MemorySegment window,
                SharedCopy byCpu,
                Arena arena) {
            this.context = context;
            this.transfer = transfer;
            this.window = window;
            this.byCpu = byCpu;
            this.unmap = new PendingCommands(context, transfer.what(), null, 1, arena);
            this.retries = new Retries(context.cl().patience());
        }

        /** Copies one run, which is mapped meanwhile. */
        void copy(Mapping prepared, long offset, long bytes) {
            mapping = prepared;
            Throwable failed = map(prepared);
            if (failed == null) {
                failed = unmap(bytes, move(prepared, offset, bytes));
            }
            try {
                prepared.release();
            } catch (Throwable failure) {
                failed = Closes.first(failed, failure);
            }
            Closes.rethrow(failed);
        }

        private @Nullable Throwable map(Mapping prepared) {
            try {
                prepared.map(
                        transfer.queue(),
                        transfer.home() ? CL_MAP_READ() : CL_MAP_WRITE_INVALIDATE_REGION());
                return null;
            } catch (Throwable refused) { // the call blocks, and may not have ended all the same
                return Closes.first(context.settle(transfer.queue(), transfer.what()), refused);
            }
        }

        private @Nullable Throwable move(Mapping mapped, long offset, long bytes) {
            try {
                if (transfer.home()) {
                    byCpu.copyWindows(mapped.memory(), 0, window, offset, bytes);
                } else {
                    byCpu.copyWindows(window, offset, mapped.memory(), 0, bytes);
                }
                return null;
            } catch (Throwable failure) {
                return failure;
            }
        }

        /** {@return the failure so far, or of this: the device is lost if it stays mapped} */
        private @Nullable Throwable unmap(long bytes, @Nullable Throwable before) {
            Throwable refused = unmap.add(0, bytes, this);
            Throwable failed = unmap.await(before);
            if (refused == null) {
                return failed;
            }
            return Closes.first(loseMapped(refused), Closes.first(refused, failed));
        }

        private DeviceLostException loseMapped(Throwable refused) {
            try {
                String how = "memory of it stays mapped after " + transfer.what() + ": "
                        + refused.getMessage();
                return context.lose(how, true);
            } catch (Throwable noRoom) {
                return context.loseUntold();
            }
        }

        /** A driver that is short of memory for a moment is asked again. */
        @Override
        public int enqueue(long offset, long bytes, MemorySegment event) {
            int code = tryEnqueue(event);
            while (code != CL_SUCCESS() && retries.again(code)) {
                code = tryEnqueue(event);
            }
            retries.end();
            return code;
        }

        private int tryEnqueue(MemorySegment event) {
            try {
                return Objects.requireNonNull(mapping).enqueueUnmap(transfer.queue(), event);
            } catch (Throwable failed) { // such as a full stack, before the call or after it
                return event.get(ValueLayout.JAVA_LONG, 0) != 0
                        ? CL_SUCCESS()
                        : CL_OUT_OF_HOST_MEMORY();
            }
        }
    }
}
