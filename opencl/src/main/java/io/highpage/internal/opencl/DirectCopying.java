// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.PageRuns;

import java.lang.foreign.MemorySegment;

/** Has the driver copy from and to the host window itself, by one command for each run. */
enum DirectCopying implements Copying {
    /** All commands are enqueued, then waited for. */
    STRAIGHT(false),

    /**
     * Each call blocks until its copy has ended: some drivers copy ordinary memory right only so.
     */
    BLOCKING(true);

    private final boolean blocks;

    DirectCopying(boolean blocks) {
        this.blocks = blocks;
    }

    @Override
    public void copy(
            ClContext context, Transfer transfer, long base, MemorySegment window, PageRuns runs) {
        PendingCommands.forEach(
                context,
                transfer.what(),
                blocks ? transfer.queue() : null,
                runs,
                (offset, bytes, event) -> transfer.enqueue(
                        blocks, base + offset, window.asSlice(offset, bytes), event));
    }
}
