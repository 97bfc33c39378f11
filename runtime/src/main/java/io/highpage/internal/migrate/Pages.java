// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.close.Closes;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.memory.HomeWindow;
import io.highpage.internal.memory.TierWindow;
import io.highpage.internal.memory.WindowOwner;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Rules;
import io.highpage.internal.page.Verb;
import io.highpage.internal.page.Verdict;
import io.highpage.internal.telemetry.RejectionEvent;
import io.highpage.outcome.Terms;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What the migration of one buffer's pages works on: its table, its windows, its devices.
 * Thread-safe.
 */
public final class Pages implements WindowOwner {
    private final long bufferId;
    private final PageTable table;
    private final HomeWindow home;
    private final PageSizes sizes;
    private final int spanCount;
    private final List<DeviceSlot> devices;
    private final Tiers tiers;
    // Of each device those of all spans; all are there, so that a close finds all.
    private final List<DeviceWindow> deviceWindows;
    private final List<Windows> byTier;
    private final long coherentTiers; // whose memory the CPU can use in place; bit i for tier i
    private volatile boolean closed;
    private volatile boolean homeKept;

    /**
     * Puts the parts of a buffer together.
     *
     * @param bufferId its number, for messages
     * @param table its words
     * @param home its home, of {@code table.pageCount() * pageBytes} bytes
     * @param sizes of pages and spans
     * @param tiers what it shares with the runtime's other buffers
     */
    public Pages(long bufferId, PageTable table, HomeWindow home, PageSizes sizes, Tiers tiers) {
        this.bufferId = bufferId;
        this.table = table;
        this.home = home;
        this.sizes = sizes;
        this.spanCount = sizes.span(table.pageCount() - 1) + 1;
        this.tiers = tiers;
        this.devices = tiers.devices();
        this.deviceWindows = windows();
        this.byTier = byTier();
        long coherent = 1L << PageWord.HOME;
        for (DeviceSlot device : devices) {
            coherent |= device.isCoherent() ? 1L << device.id() : 0;
        }
        this.coherentTiers = coherent;
    }

    private List<DeviceWindow> windows() {
        List<DeviceWindow> made = new ArrayList<>(devices.size() * spanCount);
        for (DeviceSlot device : devices) {
            for (int span = 0; span < spanCount; span++) {
                long first = (long) span << sizes.spanShift();
                made.add(new DeviceWindow(
                        device, home.account(), this, first, bytes(spanEnd(first) - first)));
            }
        }
        return made;
    }

    /** The windows of the buffer on one tier. */
    private interface Windows {
        /** {@return the window of the span that a page is in} */
        TierWindow ofSpan(long page);

        /** {@return the largest window that has the page: home's is for all spans} */
        TierWindow around(long page);
    }

    private final class AtHome implements Windows {
        @Override
        public TierWindow ofSpan(long page) {
            return homeOf(page);
        }

        @Override
        public TierWindow around(long page) {
            return home;
        }
    }

    private record OnDevice(List<DeviceWindow> spans, PageSizes sizes) implements Windows {
        @Override
        public TierWindow ofSpan(long page) {
            return spans.get(sizes.span(page));
        }

        @Override
        public TierWindow around(long page) {
            return ofSpan(page);
        }
    }

    private List<Windows> byTier() {
        List<Windows> tiers = new ArrayList<>();
        tiers.add(new AtHome());
        for (int i = 0; i < devices.size(); i++) {
            int first = i * spanCount;
            tiers.add(new OnDevice(deviceWindows.subList(first, first + spanCount), sizes));
        }
        return tiers;
    }

    private long bytes(long pages) {
        return pages * sizes.pageBytes();
    }

    /** {@return the tiers that are gone, as far as a page is on one; a set like the others} */
    private long lostTiers(long word) {
        int tier = PageWord.isOnDevice(word) ? PageWord.device(word) : PageWord.HOME;
        return isLost(tier) ? 1L << tier : 0;
    }

    /** {@return what an operation may do with a page that has this word, as {@link Rules} say} */
    Verdict verdict(Verb verb, int tier, long word) {
        return Rules.verdict(verb, word, table.bufferWord(), tier, coherentTiers, lostTiers(word));
    }

    /** {@return whether that is {@link Verdict#IN_PLACE}} */
    boolean isInPlace(Verb verb, int tier, long word) {
        return tier == PageWord.HOME && Rules.isPlainlyHome(verb, word)
                || Rules.isInPlace(verb, word, tier, coherentTiers, lostTiers(word));
    }

    /** {@return the tier whose memory a holder of a page with this word uses} */
    public int heldTier(long word) {
        return Rules.heldTier(word, coherentTiers);
    }

    public long bufferId() {
        return bufferId;
    }

    public PageTable table() {
        return table;
    }

    /** {@return the memory of all spans at home; page i is at i times the page size} */
    public HomeWindow home() {
        return home;
    }

    /** {@return the memory of the span that a page is in, on the tier that a page word names} */
    TierWindow window(int tier, long page) {
        return byTier.get(tier).ofSpan(page);
    }

    /**
     * {@return the memory that a page on a tier is in together with its neighbours, without a gap:
     * on a device those of its span, at home all}
     */
    public TierWindow windowAround(int tier, long page) {
        return byTier.get(tier).around(page);
    }

    /** {@return the byte of the buffer that a window begins with} */
    public long start(TierWindow window) {
        return bytes(window.firstPage());
    }

    /** {@return the page behind the last one of a window} */
    public long endPage(TierWindow window) {
        int shift = Long.numberOfTrailingZeros(sizes.pageBytes()); // a division takes longer
        return window.firstPage() + (window.byteSize() >>> shift);
    }

    /** {@return the memory at home of the span that a page is in} */
    HomeWindow homeOf(long page) {
        if (spanCount == 1) {
            return home;
        }
        long first = spanFirst(page);
        return home.span(first, bytes(first), bytes(spanEnd(page) - first));
    }

    public long pageBytes() {
        return sizes.pageBytes();
    }

    /** {@return whether bytes of the buffer lie in a page} */
    public boolean touches(long offset, long byteSize, long page) {
        return offset < bytes(page + 1) && bytes(page) < offset + byteSize;
    }

    /** {@return the length of a span in bytes, but for the last one, which may be shorter} */
    public long spanBytes() {
        return bytes(spanEnd(0));
    }

    /** {@return the first page of the span that a page is in} */
    public long spanFirst(long page) {
        return sizes.spanFirst(page);
    }

    /** {@return where the span starts that a page is in, in bytes of the buffer} */
    public long spanStart(long page) {
        return bytes(sizes.spanFirst(page));
    }

    /** {@return the first page behind the span that a page is in} */
    public long spanEnd(long page) {
        return Math.min(table.pageCount(), sizes.spanEnd(page));
    }

    /** {@return the most pages that one batch locks} */
    long batchPages() {
        return Math.max(1, Migration.BYTES_MAX / sizes.pageBytes());
    }

    /**
     * {@return where a batch ends that begins with a page and ends before another: it lies in one
     * span}
     */
    long batchEnd(long from, long to) {
        return Math.min(Math.min(to, from + batchPages()), spanEnd(from));
    }

    /** {@return the name of the runtime} */
    String runtime() {
        return tiers.runtime();
    }

    /**
     * Tells that pages were refused, once nothing of them is claimed. Throws nothing.
     *
     * @param tier the accessing device, else {@link PageWord#HOME}
     * @param terms on which they were asked for
     * @param event knows the page and the reason
     */
    public void tellRefused(
            Verb verb, int tier, long from, long to, Terms terms, RejectionEvent event) {
        event.runtime = tiers.runtime();
        event.buffer = bufferId;
        event.operation = verb.text();
        event.firstPage = from;
        event.pages = to - from;
        event.owner = terms.owner();
        event.mode = terms.mode().name();
        if (tier != PageWord.HOME) {
            event.device = device(tier).name();
        }
        event.tell();
    }

    Reclaimer reclaimer() {
        return tiers.reclaimer();
    }

    Holders holders() {
        return tiers.reclaimer().holders();
    }

    /** {@return the counters of the runtime} */
    public Counters counters() {
        return tiers.counters();
    }

    MigrationPool migrations() {
        return tiers.migrations();
    }

    /** {@return how many devices there are} */
    List<DeviceSlot> devices() {
        return devices;
    }

    /** {@return the device that a page word names} */
    public DeviceSlot device(int id) {
        return devices.get(id - 1);
    }

    /** {@return whether a tier is gone} */
    public boolean isLost(int tier) {
        return tier != PageWord.HOME && device(tier).isLost();
    }

    /** {@return the window on a device of the span that a page is in} */
    public DeviceWindow deviceWindow(int id, long page) {
        return deviceWindows.get((id - 1) * spanCount + sizes.span(page));
    }

    /** Says that pages of a range, as far as they are on a device, are about to be used there. */
    public void announce(int id, long from, long to) {
        for (long page = from; page < to; page = spanEnd(page)) {
            deviceWindow(id, page).announce();
        }
    }

    /**
     * {@return where the buffer would begin if all of it lay beside the window that a segment lies
     * in, of those that pages of a range may be in; 0 if it lies in none}; right while somebody
     * keeps the pages there, as whoever has the segment does
     */
    public long startBeside(MemorySegment memory, long from, long to) {
        if (!memory.isNative()) {
            return 0;
        }
        if (overlaps(home.memory().address(), home.memory().byteSize(), memory)) {
            return home.memory().address();
        }
        for (long page = from; page < to; page = spanEnd(page)) {
            for (DeviceSlot device : devices) {
                long address = deviceWindow(device.id(), page).address();
                long length = bytes(spanEnd(page)) - spanStart(page);
                if (address != 0 && overlaps(address, length, memory)) {
                    return address - spanStart(page);
                }
            }
        }
        return 0;
    }

    private static boolean overlaps(long start, long length, MemorySegment memory) {
        return memory.address() < start + length && start < memory.address() + memory.byteSize();
    }

    public boolean isClosed() {
        return closed;
    }

    /**
     * Says whether somebody outside keeps the memory of the home. Set while every page is pinned,
     * and therefore seen by whoever owns or closes one after that: none gives the memory up.
     */
    public void keepHome(boolean keeps) {
        homeKept = keeps;
    }

    /** {@return whether somebody outside keeps the memory of the home} */
    boolean isHomeKept() {
        return homeKept;
    }

    /**
     * Sees to it that no device window is taken or given any more; every page is closed already.
     *
     * @param waits waits a little for another operation that does so now; false if that was long
     *     enough
     * @return whether all are sealed now; else none is
     */
    public boolean trySealWindows(BooleanSupplier waits) {
        for (int i = 0; i < deviceWindows.size(); i++) {
            if (!deviceWindows.get(i).trySeal(waits)) {
                unsealWindows(i);
                return false;
            }
        }
        return true;
    }

    /** Takes {@link #trySealWindows} back. */
    public void unsealWindows() {
        unsealWindows(deviceWindows.size());
    }

    private void unsealWindows(int count) {
        for (int i = 0; i < count; i++) {
            deviceWindows.get(i).unseal();
        }
    }

    /** Remembers that every page is closed, from when on there is no way back. */
    public void markClosed() {
        closed = true;
    }

    /**
     * Gives the device windows back, all of them also where some fail. Goes on where it stopped if
     * it is called again.
     */
    public void close() {
        markClosed();
        Closes.each(deviceWindows, each -> Closes.rethrow(each.drop()));
    }

    /**
     * Remembers that a driver may go on with a copy from or to any of these pages: whoever asked
     * for it does not know on which tiers it met them.
     */
    public void abandonWindows() {
        home.abandon();
        for (DeviceWindow each : deviceWindows) {
            each.abandon();
        }
    }

    /** {@return whether no window has device memory, for good} */
    public boolean isOffDevices() {
        for (DeviceWindow each : deviceWindows) {
            if (!each.isGone()) {
                return false;
            }
        }
        return true;
    }
}
