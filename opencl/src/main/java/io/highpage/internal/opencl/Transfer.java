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
 * @param oneMap by what maps of the extent exclude each other
 * @param mapper prepares memory of the extent to be mapped, which the CPU then copies
 */
record Transfer(
        String what,
        boolean home,
        MemorySegment queue,
        Command command,
        Object oneMap,
        Mapper mapper) {
    /** Prepares memory to be mapped. */
    @FunctionalInterface
    interface Mapper {
        /**
         * Prepares; nothing is mapped yet.
         *
         * @param offset first byte in the extent
         * @param bytes how many
         */
        Mapping prepare(long offset, long bytes);
    }

    /** Memory of the extent that the CPU may touch while it is mapped. Confined to one call. */
    interface Mapping {
        /**
         * Maps it, and waits until it is.
         *
         * @param flags what the CPU does with it
         * @throws RuntimeException if it is not mapped
         */
        void map(MemorySegment queue, long flags);

        /** {@return where the CPU sees it} */
        MemorySegment memory();

        /** Enqueues the end of that. {@return the call's result} */
        int enqueueUnmap(MemorySegment queue, MemorySegment event);

        /** Gives back what was prepared, when it is mapped no more, or will be for good. */
        void release();
    }

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
