// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.internal.core.ShortHold;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.Residency;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A short-term hold: keeps pages where they are during one operation. On a coherent device it moves
 * nothing and hands out the device memory itself; pages on a private device have been brought home;
 * absent pages have been given zeroed host memory. It does not wait for kernels: while a device
 * access to its pages is open, see {@link DeviceAccess}.
 */
public sealed interface Hold extends Holder permits ShortHold {

    /**
     * {@return the whole range as one segment, read-only if the hold only {@linkplain #mode reads}}
     *
     * @throws IllegalStateException if the hold is closed, or if its pages are in several places:
     *     walk it with {@link #pieces()} then
     */
    MemorySegment segment();

    /**
     * {@return a cursor over the contiguous pieces of the range, in order, standing before the
     * first}
     *
     * @throws IllegalStateException if the hold is closed
     */
    Pieces pieces();

    /**
     * A cursor over pieces. Going on makes no object, only {@link #base()} does, one a piece.
     * Confined to one thread.
     */
    interface Pieces {
        /**
         * Goes to the next piece.
         *
         * @return whether there is one
         * @throws IllegalStateException if the hold has been closed
         * @throws DeviceLostException if its device went since the hold was taken
         */
        boolean next();

        /** {@return where the piece starts in the hold's range, in bytes} */
        long offset();

        /** {@return the length of the piece in bytes} */
        long byteSize();

        /** {@return where the piece is: {@link Residency#HOST} or {@link Residency#DEVICE}} */
        Residency residency();

        /** {@return the device that the piece is on; empty if it is on the host} */
        Optional<Device> device();

        /**
         * {@return the segment that the piece lies in, read-only as {@link Hold#segment}}: the
         * piece and nothing else, since what lies beside it in device memory may be other buffers'
         * bytes.
         */
        MemorySegment base();

        /** {@return where the piece starts in {@link #base()}, in bytes} */
        long baseOffset();

        /** {@return the piece as a segment of its own} */
        default MemorySegment slice() {
            return base().asSlice(baseOffset(), byteSize());
        }
    }
}
