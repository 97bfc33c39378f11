// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.page.PageWord;

import java.util.ArrayList;
import java.util.List;

/**
 * What a buffer has on a tier, as it seems while others go on moving it: of whole pages, and each
 * number right by itself only.
 *
 * @param tier {@link #HOME}, or the name of a device
 * @param bytes of pages that are valid there
 * @param cleanBytes of those, what is valid at home and on a device
 */
public record TierBytes(String tier, long bytes, long cleanBytes) {
    /** Home as a name. */
    public static final String HOME = "home";

    /**
     * {@return one for home, and one for each device that has pages, in the order of the runtime;
     * none of a buffer that is closed} Only words of spans that have device memory are looked at;
     * what is at home is known from its charge.
     */
    public static List<TierBytes> of(Pages pages) {
        if (pages.isClosed()) {
            return List.of();
        }
        try {
            return new Look(pages).found();
        } catch (IllegalStateException closed) {
            if (!pages.isClosed()) {
                throw closed;
            }
            return List.of();
        }
    }

    private static final class Look {
        private final Pages pages;
        private final List<TierBytes> devices = new ArrayList<>();
        private long atHomeToo; // bytes that are clean
        private long notAtHome; // bytes that are not, whose homes have memory
        private long there; // pages of the device that is looked at
        private long clean; // those that are at home too

        Look(Pages pages) {
            this.pages = pages;
        }

        List<TierBytes> found() {
            for (int tier = 1; tier <= pages.deviceCount(); tier++) {
                look(tier);
            }
            long home = Math.max(0, pages.home().chargedBytes() - notAtHome);
            List<TierBytes> all = new ArrayList<>();
            all.add(new TierBytes(HOME, home, Math.min(home, atHomeToo)));
            all.addAll(devices);
            return all;
        }

        private void look(int tier) {
            there = 0;
            clean = 0;
            long pageCount = pages.table().pageCount();
            for (long page = 0; page < pageCount; page = pages.spanEnd(page)) {
                DeviceWindow window = pages.deviceWindow(tier, page);
                if (window.isThere()) {
                    look(tier, page, pages.spanEnd(page));
                }
            }
            if (there > 0) {
                long bytes = there * pages.pageBytes();
                long both = clean * pages.pageBytes();
                devices.add(new TierBytes(pages.device(tier).name(), bytes, both));
                atHomeToo += both;
            }
        }

        private void look(int tier, long from, long to) {
            for (long page = from; page < to; page++) {
                long word = pages.table().word(page);
                if (PageWord.device(word) != tier) {
                    continue;
                }
                switch (PageWord.state(word)) {
                    case PageWord.BOTH -> {
                        there++;
                        clean++;
                    }
                    case PageWord.DEVICE, PageWord.MOVING_TO_HOST -> {
                        there++;
                        notAtHome += kept(word);
                    }
                    case PageWord.LOST -> notAtHome += kept(word);
                    default -> {} // on its way there, and valid at home if anywhere
                }
            }
        }

        private long kept(long word) {
            return PageWord.is(word, PageWord.COMMITTED) ? pages.pageBytes() : 0;
        }
    }
}
