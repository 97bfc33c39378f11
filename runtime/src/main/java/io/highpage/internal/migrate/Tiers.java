// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.budget.LeastWorthFirst;
import io.highpage.internal.memory.DeviceSlot;

import java.util.List;

/**
 * What the buffers of a runtime share: its devices, who makes room there, scratch, and counters.
 *
 * @param runtime its name, for events
 * @param devices the one with id {@code i} is at index {@code i - 1}
 * @param reclaimer makes room on them and at home
 * @param migrations scratch
 * @param counters of what is not in place
 */
public record Tiers(
        String runtime,
        List<DeviceSlot> devices,
        Reclaimer reclaimer,
        MigrationPool migrations,
        Counters counters) {

    /** {@return them for buffers whose holders nobody knows, in the usual order of eviction} */
    public static Tiers of(List<DeviceSlot> devices, MigrationPool migrations) {
        Counters counters = new Counters();
        return new Tiers(
                "",
                devices,
                new Reclaimer(devices, new LeastWorthFirst(), Holders.UNKNOWN, counters),
                migrations,
                counters);
    }
}
