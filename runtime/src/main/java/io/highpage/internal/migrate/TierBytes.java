// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.telemetry.Told;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a buffer has on a tier, as it seems while others go on moving it: of whole pages, and each
 * number right by itself only. What a device has its windows have counted, and what is at home
 * alone the buffer word. Only what is in both, or lost, is nowhere counted: that is looked for in
 * the windows that there are, page by page or, where somebody asks often and pages are many, in
 * some of them.
 *
 * @param tier {@link #HOME}, or the name of a device
 * @param bytes of pages that are valid there
 * @param cleanBytes of those, what is valid at home and on a device
 */
public record TierBytes(String tier, long bytes, long cleanBytes) {
    /** Home as a name. */
    public static final String HOME = Told.HOME;

    /** {@return what {@link #of(Collection, List, long)} says of one buffer, to the page} */
    public static List<TierBytes> of(Pages pages) {
        return of(List.of(pages), pages.devices(), Long.MAX_VALUE).getOrDefault(pages, List.of());
    }

    /**
     * {@return for each buffer that is open one for home, and one for each device that has pages of
     * it, in the order of the runtime}
     *
     * @param buffers of one runtime
     * @param devices all that it has
     * @param looksMax pages of a buffer that are looked at, at most, for each device: where it has
     *     more, what is clean is estimated
     */
    public static Map<Pages, List<TierBytes>> of(
            Collection<Pages> buffers, List<DeviceSlot> devices, long looksMax) {
        Map<Pages, Share[]> shares = new HashMap<>();
        for (Pages pages : buffers) {
            if (!pages.isClosed()) {
                shares.put(pages, new Share[devices.size()]);
            }
        }
        count(shares, devices);
        look(shares, devices, looksMax);
        Map<Pages, List<TierBytes>> all = new HashMap<>();
        shares.forEach((pages, of) -> {
            try {
                all.put(pages, found(pages, of));
            } catch (IllegalStateException closed) {
                if (!pages.isClosed()) {
                    throw closed;
                }
            }
        });
        return all;
    }

    /** Pages of one buffer on one device. */
    private static final class Share {
        private long counted; // by the windows
        private long covered; // by them
        private boolean exact; // all of them are looked at
        private long seen;
        private long lost; // of those
        private long clean; // of those

        long pages() {
            return all() - estimate(lost);
        }

        long cleanPages() {
            return estimate(clean);
        }

        private long all() {
            return exact ? seen : counted;
        }

        private long estimate(long of) {
            return seen == 0 ? 0 : Math.round((double) of / seen * all());
        }
    }

    private static void count(Map<Pages, Share[]> shares, List<DeviceSlot> devices) {
        for (DeviceSlot device : devices) {
            for (DeviceWindow window : device.windows()) {
                Pages pages = (Pages) window.owner();
                Share[] of = shares.get(pages);
                if (of != null) {
                    int at = device.id() - 1;
                    if (of[at] == null) {
                        of[at] = new Share();
                    }
                    of[at].counted += window.countedPages();
                    of[at].covered += pages.endPage(window) - window.firstPage();
                }
            }
        }
    }

    private static void look(Map<Pages, Share[]> shares, List<DeviceSlot> devices, long looksMax) {
        for (DeviceSlot device : devices) {
            for (DeviceWindow window : device.windows()) {
                Share[] of = shares.get((Pages) window.owner());
                Share share = of == null ? null : of[device.id() - 1];
                if (share != null) {
                    look(window, share, looksMax);
                }
            }
        }
    }

    /** Looks at pages of a window, evenly apart in all windows of the buffer on the device. */
    private static void look(DeviceWindow window, Share share, long looksMax) {
        Pages pages = (Pages) window.owner();
        long step = Math.ceilDiv(share.covered, looksMax);
        long end = pages.endPage(window);
        share.exact = step == 1;
        try {
            for (long page = Math.ceilDiv(window.firstPage(), step) * step;
                    page < end;
                    page += step) {
                look(pages.table().word(page), window.tier(), share);
            }
        } catch (IllegalStateException closed) {
            // The buffer is not told of, or its words have just gone.
        }
    }

    private static void look(long word, int tier, Share share) {
        if (PageWord.device(word) != tier) {
            return;
        }
        switch (PageWord.state(word)) {
            case PageWord.BOTH -> {
                share.seen++;
                share.clean++;
            }
            case PageWord.DEVICE, PageWord.MOVING_TO_HOST -> share.seen++;
            case PageWord.LOST -> {
                share.seen++;
                share.lost++;
            }
            default -> {} // on its way there, and valid at home if anywhere
        }
    }

    private static List<TierBytes> found(Pages pages, Share[] shares) {
        long atHomeAlone =
                pages.table().pageCount() - BufferWord.away(pages.table().bufferWord());
        long clean = 0;
        List<TierBytes> devices = new ArrayList<>();
        for (int i = 0; i < shares.length; i++) {
            Share share = shares[i];
            if (share != null && share.pages() > 0) {
                clean += share.cleanPages();
                String device = pages.device(i + 1).name();
                devices.add(of(pages, device, share.pages(), share.cleanPages()));
            }
        }
        List<TierBytes> all = new ArrayList<>();
        all.add(of(pages, HOME, atHomeAlone + clean, clean));
        all.addAll(devices);
        return all;
    }

    private static TierBytes of(Pages pages, String tier, long count, long clean) {
        return new TierBytes(tier, count * pages.pageBytes(), clean * pages.pageBytes());
    }
}
