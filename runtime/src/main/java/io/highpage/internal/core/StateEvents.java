// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.migrate.TierBytes;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.telemetry.BufferResidencyEvent;
import io.highpage.internal.telemetry.EverySecond;
import io.highpage.internal.telemetry.OpenHolderEvent;
import io.highpage.internal.telemetry.TierUsageEvent;
import io.highpage.internal.telemetry.Told;
import io.highpage.outcome.HolderInfo;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells of the state of a runtime, as events. Waits for nobody, and looks at no more than a few
 * words of a buffer, however many pages it has.
 */
final class StateEvents implements EverySecond.Source {
    /** Pages of a buffer that are looked at, at most, for each device. */
    static final int SAMPLES = 512;

    /** Holders of a runtime that are told of, at most: each is an event. */
    static final int HOLDERS_MAX = 10_000;

    private final String runtime;
    private final List<DeviceSlot> devices;
    private final BudgetNode budget;
    private final Collection<ManagedBuffer> buffers;
    private final OpenHolders holders;

    StateEvents(
            String runtime,
            List<DeviceSlot> devices,
            BudgetNode budget,
            Collection<ManagedBuffer> buffers,
            OpenHolders holders) {
        this.runtime = runtime;
        this.devices = devices;
        this.budget = budget;
        this.buffers = buffers;
        this.holders = holders;
    }

    // ---- where bytes are ----

    @Override
    public void tellResidency() {
        Map<Pages, ManagedBuffer> open = new LinkedHashMap<>();
        for (ManagedBuffer buffer : buffers) {
            if (buffer.isOpen()) {
                open.put(buffer.pages(), buffer);
            }
        }
        Map<Pages, List<TierBytes>> all = TierBytes.of(open.keySet(), devices, SAMPLES);
        open.forEach((pages, buffer) ->
                all.getOrDefault(pages, List.of()).forEach(tier -> tell(buffer, tier)));
    }

    /** The last page of a buffer may be partly used. */
    private void tell(ManagedBuffer buffer, TierBytes has) {
        BufferResidencyEvent event = new BufferResidencyEvent();
        event.runtime = runtime;
        event.buffer = buffer.id();
        event.byteSize = buffer.byteSize();
        event.budget = buffer.account().budget().toString();
        event.tier = has.tier();
        event.bytes = Math.min(has.bytes(), buffer.byteSize());
        event.cleanBytes = Math.min(has.cleanBytes(), event.bytes);
        event.commit();
    }

    // ---- what budgets have in use ----

    @Override
    public void tellUsage() {
        tell(budget);
    }

    private void tell(BudgetNode of) {
        for (int tier = 0; tier < of.tiers(); tier++) {
            TierUsageEvent event = new TierUsageEvent();
            event.runtime = runtime;
            event.budget = of.toString();
            event.tier =
                    tier == PageWord.HOME ? Told.HOME : devices.get(tier - 1).name();
            event.usedBytes = of.used(tier);
            event.limitBytes = of.limit(tier);
            event.commit();
        }
        of.groups().forEach(this::tell);
    }

    // ---- who holds what ----

    @Override
    public void tellHolders() {
        holders.all().stream().limit(HOLDERS_MAX).forEach(this::tell);
    }

    private void tell(HolderInfo holder) {
        OpenHolderEvent event = new OpenHolderEvent();
        event.runtime = runtime;
        event.buffer = holder.buffer();
        event.kind = holder.kind();
        event.offset = holder.offset();
        event.byteSize = holder.byteSize();
        event.owner = holder.owner();
        event.holderThread = holder.thread();
        event.mode = holder.mode().name();
        event.strength = holder.strength().name();
        event.keepers = String.join(", ", holder.keepers());
        event.age = holder.age().map(age -> age.toNanos()).orElse(0L);
        event.commit();
    }
}
