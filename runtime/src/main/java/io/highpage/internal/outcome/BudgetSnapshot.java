// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.outcome;

import io.highpage.outcome.BudgetInfo;

import java.util.List;

/** A budget as it was at one moment. */
public record BudgetSnapshot(String name, Share host, List<Share> devices, List<BudgetInfo> budgets)
        implements BudgetInfo {

    /** Keeps copies of the lists. */
    public BudgetSnapshot {
        devices = List.copyOf(devices);
        budgets = List.copyOf(budgets);
    }

    /** {@return a line for each budget, those in others indented, without a line end at the end} */
    @Override
    public String toString() {
        StringBuilder lines = new StringBuilder(name).append(": ").append(host);
        devices.forEach(device -> lines.append(", ").append(device));
        budgets.forEach(in -> lines.append(("\n" + in).replace("\n", "\n  ")));
        return lines.toString();
    }
}
