// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.outcome.OutOfPageMemoryException;

import org.jspecify.annotations.Nullable;

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
     * @param cause what the driver or the system said, or null
     */
    NoRoom(Reservation.NotNow refused, @Nullable OutOfPageMemoryException cause) {
        super("no room", cause, false, false); // what to say is made of the refusal, if at all
        this.refused = refused;
    }

    /**
     * {@return the refusal of the machine, or its container, which has less than every budget}
     * Whatever homes are given up in this process may help.
     *
     * @param bytes what was to be committed at home
     * @param said what the system said
     */
    static NoRoom onMachine(Account account, long bytes, OutOfPageMemoryException said) {
        BudgetNode all = account.budget().root();
        long used = all.used(0);
        Refused refused = new Refused(TierName.HOME, account.budget(), all, bytes, used, used);
        return new NoRoom(new Reservation.NotNow(refused, ""), said);
    }

    /** {@return whether a budget refused; else there is room, but the system or driver lacks it} */
    public boolean isByBudget() {
        return getCause() == null && !refused.isInPieces();
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
        if (refused.refused().isHome()
                && getCause() instanceof OutOfPageMemoryException said) { // in its own words
            return inTheWay.isEmpty()
                    ? said
                    : new OutOfPageMemoryException(
                            said.getMessage() + "; in the way: " + inTheWay,
                            false,
                            refused.refused().requestedBytes(),
                            said);
        }
        return refused.failure(inTheWay, getCause());
    }
}
