// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import java.util.List;

/**
 * Says which spans leave a device when room is needed there. A function of what it is given: it
 * keeps nothing, asks nobody, and is called by any thread, by several at a time, with nothing
 * locked.
 *
 * <p>What it says is advice. A span that is not among the candidates, comes twice, or has a holder
 * by then is passed over; if the answer frees too little, is null or an exception, Highpage's own
 * order decides. Only the operation that needs the room waits for an answer. What is written back
 * ahead ({@link Highpage.Builder#writeBackAhead}) is what would leave next by its order.
 */
@FunctionalInterface
public interface EvictionPolicy {

    /**
     * Puts spans in the order in which they are to leave.
     *
     * @param snapshot what was so a moment ago
     * @return candidates of the snapshot, first those that leave first: enough for what is needed;
     *     some more for spans that turn out to be in use
     */
    List<Candidate> victims(Snapshot snapshot);

    /**
     * What a choice is made of. Highpage makes it; programs may, to test a policy. Methods that are
     * added have defaults.
     */
    interface Snapshot {

        /** {@return the name of the device that is full} */
        String device();

        /** {@return the bytes that must become free; at least 1} */
        long neededBytes();

        /**
         * {@return the time on the device's clock, which counts uses of spans on it, not
         * nanoseconds}
         */
        long now();

        /** {@return the spans that may leave, in no order; not to be changed} */
        List<Candidate> candidates();
    }

    /** A span on the device, which nobody holds. Equal to itself only. */
    interface Candidate {

        /** {@return the bytes of device memory that become free when it leaves; at least 1} */
        long byteSize();

        /**
         * {@return the bytes that have to be copied home when it leaves, 0 to {@link #byteSize()};
         * all others have a clean copy there, or were never written}
         */
        long dirtyBytes();

        /** {@return how often it was used on this device, since its buffer was allocated} */
        long uses();

        /** {@return when it was used last, on the device's clock; 0 if never} */
        long lastUse();

        /**
         * {@return what it saves by being there: how often each of its bytes is likely to move in
         * each tick of the device's clock if it is not. A guess from its uses, at least 0: one that
         * is read every 100 ticks is worth about 0.01, one that is read and written twice that}
         */
        double worth();
    }
}
