// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import java.util.List;

/**
 * What a budget may take of each kind of memory, and has taken, as it was at one moment; with the
 * budgets in it. Each number is right by itself; while memory is being taken and given back they
 * need not be of the same moment. Immutable, hence thread-safe.
 *
 * @param name the budget's name
 * @param host host memory
 * @param devices the memory of each device, in the order of the runtime
 * @param budgets the budgets in it
 */
public record BudgetInfo(String name, Share host, List<Share> devices, List<BudgetInfo> budgets) {

    /**
     * One kind of memory.
     *
     * @param memory {@code host memory}, or the name of the device
     * @param limitBytes the most bytes that may be taken; {@link Long#MAX_VALUE} where nothing
     *     limits it
     * @param usedBytes bytes that are taken
     */
    public record Share(String memory, long limitBytes, long usedBytes) {
        @Override
        public String toString() {
            return memory + ": " + usedBytes + " of "
                    + (limitBytes == Long.MAX_VALUE ? "no limit" : limitBytes);
        }
    }

    /** Keeps copies of the lists. */
    public BudgetInfo {
        devices = List.copyOf(devices);
        budgets = List.copyOf(budgets);
    }

    /** {@return a line for each budget, those in others indented, without a line end at the end} */
    @Override
    public String toString() {
        return lines("");
    }

    private String lines(String indent) {
        StringBuilder lines =
                new StringBuilder(indent).append(name).append(": ").append(host);
        devices.forEach(device -> lines.append(", ").append(device));
        budgets.forEach(in -> lines.append('\n').append(in.lines(indent + "  ")));
        return lines.toString();
    }
}
