// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.internal.budget.Account;
import io.highpage.internal.memory.DeviceHeap.Place;
import io.highpage.outcome.OutOfPageMemoryException;

import org.jspecify.annotations.Nullable;

import java.util.function.BooleanSupplier;

/**
 * What a tier answers to whoever asks it for room. A value: asking takes one compare-and-set, waits
 * for nobody, asks no driver, and throws nothing if there is no room, so that the asker, who owns
 * no page yet, may see to some and ask again. Memory comes afterwards.
 */
public sealed interface Reservation {

    /**
     * {@return the room}
     *
     * @throws NoRoom if there is none now
     * @throws OutOfPageMemoryException if there never is
     */
    Granted orThrow();

    /**
     * The room is the asker's, and nobody else's, until it is filled or given back, once.
     *
     * @param heap whose room it is
     * @param account what it is charged to
     * @param byteSize its length
     */
    record Granted(DeviceHeap heap, Account account, long byteSize) implements Reservation {
        @Override
        public Granted orThrow() {
            return this;
        }

        /**
         * Turns the room into memory, which has its length. If that fails, the room is given back.
         *
         * @param waits waits a little for another operation that asks the driver; false if that was
         *     long enough
         * @throws NoRoom if there is room, but not in one piece, or the driver has none
         * @throws StillBusy if another operation asks the driver for longer than the caller waits
         */
        public Place fill(BooleanSupplier waits) {
            Place place = null;
            try {
                place = heap.fill(account, byteSize, waits);
                return place;
            } finally {
                if (place == null) {
                    giveBack();
                }
            }
        }

        /** Gives the room back. Waits for nobody. */
        void giveBack() {
            account.uncharge(heap.tier(), byteSize);
        }
    }

    /**
     * Others have the room; it may come back.
     *
     * @param refused what was asked for, and who refused
     * @param pieces what more there is to say of what is used; empty unless there is room, but of
     *     no use: in pieces, or the driver lacks the memory
     */
    record NotNow(Refused refused, String pieces) implements Reservation {
        @Override
        public Granted orThrow() {
            throw new NoRoom(this, null);
        }

        /** {@return whether there is room, but of no use} */
        public boolean isInPieces() {
            return !pieces.isEmpty();
        }

        /**
         * {@return the error for it}
         *
         * @param inTheWay who has the room, empty if that is not known
         * @param cause what the driver said, or null
         */
        OutOfPageMemoryException failure(String inTheWay, @Nullable Throwable cause) {
            return new OutOfPageMemoryException(
                    "no " + refused.where().memory() + " in " + refused.by() + ": requested "
                            + refused.requestedBytes() + " bytes, in use " + refused.usedBytes()
                            + " of " + refused.limitBytes() + pieces + refused.alsoBy()
                            + (inTheWay.isEmpty() ? "" : "; in the way: " + inTheWay)
                            + "; " + (refused.isHome() ? "" : "evict or ")
                            + "close other buffers, or raise the limit",
                    !refused.isHome(),
                    refused.requestedBytes(),
                    cause);
        }
    }

    /**
     * There is never so much, of a device not in one piece, whoever gives up what.
     *
     * @param refused what was asked for, and who refused
     * @param mostBytes the most that can be had
     */
    record NeverFits(Refused refused, long mostBytes) implements Reservation {
        @Override
        public Granted orThrow() {
            throw failure();
        }

        /** {@return the error for it} */
        public OutOfPageMemoryException failure() {
            String numbers = " (limit " + refused.limitBytes() + " of " + refused.by() + ", in use "
                    + refused.usedBytes() + ")";
            return OutOfPageMemoryException.neverFits(
                    refused.isHome()
                            ? "no host memory for " + refused.requestedBytes()
                                    + " bytes at a time: the most is " + mostBytes + numbers
                                    + "; use a part of the buffer at a time, or raise the limit"
                            : refused.where() + " cannot hold " + refused.requestedBytes()
                                    + " bytes"
                                    + (mostBytes == 0
                                            ? ": it has room for nothing" + numbers + "; "
                                            : " in one piece: the most is " + mostBytes + numbers
                                                    + "; allocate the buffer in spans"
                                                    + " (Allocation.spanBytes), use several"
                                                    + " buffers, or ")
                                    + "raise the limit",
                    !refused.isHome(),
                    refused.requestedBytes());
        }
    }
}
