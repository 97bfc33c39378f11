// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.work.Background;
import io.highpage.outcome.DeviceTraffic;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Copies home what is only on a device, before there is need of the room: then a span that has to
 * leave copies nothing. Starts when less of a device than the low mark is free, or could leave
 * without a copy, and goes on to the high mark, with the coldest spans first, as they would leave.
 * The same for each budget, which makes room by what is in it. Only while nobody else copies to or
 * from the device.
 */
public final class WriteBack implements Background.Job {
    /** After a look that found nothing to do, unless something was used or copied since. */
    private static final long REST_NANOS = 1_000_000_000;

    private final Reclaimer reclaimer;
    private final BudgetNode budget;
    private final List<Link> links = new ArrayList<>();
    private final double low;
    private final double high;

    /**
     * For all devices of a runtime.
     *
     * @param reclaimer of that runtime
     * @param budget the one that all are in
     * @param low a share of a limit
     * @param high the same, not below it
     */
    public WriteBack(
            Reclaimer reclaimer,
            List<DeviceSlot> devices,
            BudgetNode budget,
            double low,
            double high) {
        this.reclaimer = reclaimer;
        this.budget = budget;
        this.low = low;
        this.high = high;
        for (DeviceSlot device : devices) {
            links.add(new Link(device));
        }
    }

    @Override
    public boolean look(BooleanSupplier goesOn) {
        for (Link link : links) {
            link.look(goesOn);
        }
        return true;
    }

    /** A device, and what was so at the last look. */
    private final class Link {
        private final DeviceSlot device;
        private long copied; // bytes, at the end of the last look
        private long uses; // before the last look at the spans
        private boolean rests; // that found nothing to do
        private long restsSince;
        private long missing; // of the high mark

        Link(DeviceSlot device) {
            this.device = device;
        }

        /** Bytes that were copied to or from the device, by anybody. */
        private long copied() {
            DeviceTraffic traffic = device.traffic();
            return traffic.bytesIn() + traffic.bytesOut();
        }

        void look(BooleanSupplier goesOn) {
            long now = copied();
            boolean idle = now == copied;
            copied = now;
            if (idle && !isResting() && !device.isLost()) {
                uses = device.clock().now();
                clean(budget, goesOn);
                rests = copied == now;
                restsSince = System.nanoTime();
            }
        }

        /** {@return whether to go on} */
        private boolean clean(BudgetNode full, BooleanSupplier goesOn) {
            long limit = Math.min(full.limit(device.id()), device.limitBytes());
            long free = limit - full.used(device.id());
            if (free < low * limit) {
                cleanSpans(full, limit, free, goesOn);
            }
            boolean more = copied() == copied && goesOn.getAsBoolean();
            for (BudgetNode group : full.groups()) {
                more = more && clean(group, goesOn);
            }
            return more;
        }

        private boolean isResting() {
            return rests
                    && device.clock().now() == uses
                    && System.nanoTime() - restsSince < REST_NANOS;
        }

        private void cleanSpans(BudgetNode full, long limit, long free, BooleanSupplier goesOn) {
            List<Resident> dirty = new ArrayList<>();
            long ready = free;
            for (DeviceWindow window : device.windows()) {
                if (!window.account().budget().isWithin(full)) {
                    continue;
                }
                Resident span = new Resident(window);
                if (window.isThere() && !span.isHeld() && !span.passes()) {
                    ready += window.byteSize() - span.copiedBytes();
                    if (span.copiedBytes() > 0) {
                        dirty.add(span);
                    }
                }
            }
            if (ready >= low * limit) {
                return;
            }
            missing = Math.max(1, (long) (high * limit) - ready);
            for (Resident span : reclaimer.inOrder(device, dirty, missing)) {
                if (missing <= 0 || !span.clean(bytes -> goesOn(bytes, goesOn))) {
                    break;
                }
            }
        }

        /** Hears of a batch. {@return whether there is to be another one} */
        private boolean goesOn(long bytes, BooleanSupplier goesOn) {
            missing -= bytes;
            copied += bytes;
            return missing > 0 && copied() == copied && goesOn.getAsBoolean();
        }
    }
}
