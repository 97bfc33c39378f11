// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.budget.LeastWorthFirst;
import io.highpage.internal.memory.DeviceSlot;

import java.util.List;

/**
 * What the buffers of a runtime share: its devices, who makes room there, and scratch.
 *
 * @param devices the one with id {@code i} is at index {@code i - 1}
 * @param reclaimer makes room on them and at home
 * @param migrations scratch
 */
public record Tiers(List<DeviceSlot> devices, Reclaimer reclaimer, MigrationPool migrations) {

    /** {@return them for buffers whose holders nobody knows, in the usual order of eviction} */
    public static Tiers of(List<DeviceSlot> devices, MigrationPool migrations) {
        return new Tiers(
                devices,
                new Reclaimer(devices, new LeastWorthFirst(), Holders.UNKNOWN),
                migrations);
    }
}
