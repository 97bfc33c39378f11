// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import io.highpage.internal.outcome.BudgetShare;
import io.highpage.internal.outcome.BudgetSnapshot;

import java.util.List;

/**
 * What a budget may take of each kind of memory, and has taken, as it was at one moment; with the
 * budgets in it. Each number is right by itself; while memory is being taken and given back they
 * need not be of the same moment. Immutable, hence thread-safe. {@code toString} gives a line for
 * each budget.
 */
public sealed interface BudgetInfo permits BudgetSnapshot {

    /** {@return the budget's name} */
    String name();

    /** {@return host memory} */
    Share host();

    /** {@return the memory of each device, in the order of the runtime} */
    List<Share> devices();

    /** {@return the budgets in it} */
    List<BudgetInfo> budgets();

    /** One kind of memory. */
    sealed interface Share permits BudgetShare {

        /** {@return {@code host memory}, or the name of the device} */
        String memory();

        /**
         * {@return the most bytes that may be taken; {@link Long#MAX_VALUE} where nothing limits
         * it}
         */
        long limitBytes();

        /** {@return bytes that are taken} */
        long usedBytes();
    }
}
