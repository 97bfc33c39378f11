// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.outcome.OutOfPageMemoryException;

/**
 * A tier has no room at this moment, and others have some that they may give up. Whoever throws it
 * has nothing of the tier: no count, no reservation, no turn; so an operation can put back what it
 * owns, see to room, and look at its page again.
 */
public final class NoRoom extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Reservation.NotNow refused;

    /**
     * Says who refused what.
     *
     * @param cause what the driver said, or null
     */
    NoRoom(Reservation.NotNow refused, OutOfPageMemoryException cause) {
        super("no room", cause, false, false); // what to say is made of the refusal, if at all
        this.refused = refused;
    }

    /** {@return what was refused, and by whom} */
    public Reservation.NotNow refused() {
        return refused;
    }

    /**
     * {@return the error for whoever gives up}
     *
     * @param inTheWay who has the room, empty if that is not known
     */
    public OutOfPageMemoryException failure(String inTheWay) {
        return refused.failure(inTheWay, getCause());
    }
}
