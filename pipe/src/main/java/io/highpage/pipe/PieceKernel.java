// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.DeviceAccess;

import java.util.List;
import java.util.function.LongSupplier;

/** What runs over the pieces of one run. Used by one thread at a time. */
interface PieceKernel extends AutoCloseable {
    /**
     * Begins to run over a piece and tells the accesses of it.
     *
     * @param bytes the length of the piece of each input and output
     * @param accesses of its inputs and outputs, in the kernel's order
     */
    Launched launch(long bytes, List<DeviceAccess> accesses);

    @Override
    void close();

    /** A piece's kernel that runs, or will when those before it have. */
    interface Launched extends AutoCloseable {
        static Launched of(LongSupplier await, Runnable close) {
            return new Launched() {
                @Override
                public long await() {
                    return await.getAsLong();
                }

                @Override
                public void close() {
                    close.run();
                }
            };
        }

        /**
         * Waits for it.
         *
         * @return how long it ran, in nanoseconds, without what it waited for others
         */
        long await();

        /** Forgets it; does not wait. */
        @Override
        void close();
    }
}
