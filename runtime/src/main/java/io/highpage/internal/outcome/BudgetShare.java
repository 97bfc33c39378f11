// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.outcome;

import io.highpage.outcome.BudgetInfo;

/** Of one kind of memory. */
public record BudgetShare(String memory, long limitBytes, long usedBytes)
        implements BudgetInfo.Share {

    @Override
    public String toString() {
        return memory + ": " + usedBytes + " of "
                + (limitBytes == Long.MAX_VALUE ? "no limit" : limitBytes);
    }
}
