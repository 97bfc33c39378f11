// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import java.lang.foreign.MemorySegment;

/**
 * How the driver copies in one direction between an extent and the host's memory.
 *
 * @param what the command's name, for messages
 * @param home whether it copies from the device
 * @param queue where its commands go
 * @param command enqueues one
 */
record Transfer(String what, boolean home, MemorySegment queue, Command command) {
    /** Enqueues a copy. */
    @FunctionalInterface
    interface Command {
        /**
         * Enqueues.
         *
         * @param blocks whether the call is to return only when the copy has ended
         * @param offset first byte in the extent
         * @param host the bytes at the host's side
         * @param event where the command's event goes
         * @return the call's result
         */
        int enqueue(
                MemorySegment queue,
                boolean blocks,
                long offset,
                MemorySegment host,
                MemorySegment event);
    }

    int enqueue(boolean blocks, long offset, MemorySegment host, MemorySegment event) {
        return command.enqueue(queue, blocks, offset, host, event);
    }
}
