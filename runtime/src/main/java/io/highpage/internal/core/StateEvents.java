// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.telemetry.BufferResidencyEvent;
import io.highpage.internal.telemetry.EverySecond;
import io.highpage.internal.telemetry.OpenHolderEvent;
import io.highpage.internal.telemetry.TierUsageEvent;
import io.highpage.internal.telemetry.Told;
import io.highpage.outcome.HolderInfo;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells of the state of a runtime, as events. Waits for nobody, and looks at no more than a few
 * words of a buffer, however many pages it has: what a device has of it its windows have counted,
 * and what is at home alone the buffer word. Only what is in both is nowhere counted; so far it is
 * looked for, and where there are many pages estimated from {@link #SAMPLES} of them.
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

    /** Pages of one buffer on one device. */
    private static final class Share {
        long pages; // counted
        long covered; // by the windows that count them
        long looked;
        long clean; // of those that were looked at

        static long pages(DeviceWindow window) {
            Pages pages = (Pages) window.owner();
            return pages.endPage(window) - window.firstPage();
        }

        /** {@return how many of the counted ones are in both} */
        long cleanPages() {
            return looked == 0 ? 0 : Math.round((double) clean / looked * pages);
        }
    }

    @Override
    public void tellResidency() {
        Map<Pages, Share[]> away = new HashMap<>();
        for (DeviceSlot device : devices) {
            for (DeviceWindow window : device.windows()) {
                Share[] shares = away.computeIfAbsent(
                        (Pages) window.owner(), none -> new Share[devices.size()]);
                int at = device.id() - 1;
                if (shares[at] == null) {
                    shares[at] = new Share();
                }
                shares[at].pages += window.countedPages();
                shares[at].covered += Share.pages(window);
            }
        }
        for (DeviceSlot device : devices) {
            for (DeviceWindow window : device.windows()) {
                Pages pages = (Pages) window.owner();
                Share[] shares = away.get(pages);
                Share share = shares == null ? null : shares[device.id() - 1];
                if (share != null) {
                    look(pages, window, share);
                }
            }
        }
        for (ManagedBuffer buffer : buffers) {
            if (buffer.isOpen()) {
                tell(buffer, away.getOrDefault(buffer.pages(), new Share[devices.size()]));
            }
        }
    }

    /** Looks at pages of a window, evenly apart in all windows of the buffer on the device. */
    private static void look(Pages pages, DeviceWindow window, Share share) {
        long first = window.firstPage();
        long end = pages.endPage(window);
        long step = Math.ceilDiv(share.covered, SAMPLES);
        try {
            for (long page = Math.ceilDiv(first, step) * step; page < end; page += step) {
                long word = pages.table().word(page);
                if (PageWord.isOnDevice(word) && PageWord.device(word) == window.tier()) {
                    share.looked++;
                    share.clean += PageWord.isAtHome(word) ? 1 : 0;
                }
            }
        } catch (IllegalStateException closed) {
            // The buffer is not told of, or its words have just gone.
        }
    }

    private void tell(ManagedBuffer buffer, Share[] shares) {
        long word;
        try {
            word = buffer.pages().table().bufferWord();
        } catch (IllegalStateException closed) {
            return;
        }
        long clean = 0;
        for (Share share : shares) {
            clean += share == null ? 0 : share.cleanPages();
        }
        long home = buffer.pageCount() - BufferWord.away(word) + clean;
        tell(buffer, Told.HOME, home, clean);
        for (int i = 0; i < shares.length; i++) {
            Share share = shares[i];
            if (share != null) {
                tell(buffer, devices.get(i).name(), share.pages, share.cleanPages());
            }
        }
    }

    private void tell(ManagedBuffer buffer, String tier, long pages, long clean) {
        BufferResidencyEvent event = new BufferResidencyEvent();
        event.runtime = runtime;
        event.buffer = buffer.id();
        event.byteSize = buffer.byteSize();
        event.budget = buffer.account().budget().toString();
        event.tier = tier;
        event.bytes = Math.min(pages * buffer.pageBytes(), buffer.byteSize());
        event.cleanBytes = Math.min(clean * buffer.pageBytes(), event.bytes);
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
