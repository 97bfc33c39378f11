// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.close.Closes;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.memory.HomeWindow;
import io.highpage.internal.memory.TierWindow;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Rules;
import io.highpage.internal.page.Verb;
import io.highpage.internal.page.Verdict;
import io.highpage.outcome.DeviceLostException;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What the migration of one buffer's pages works on: its table, its windows, its devices.
 * Thread-safe.
 */
public final class Pages {
    private final long bufferId;
    private final PageTable table;
    private final HomeWindow home;
    private final long pageBytes;
    private final List<DeviceSlot> devices;
    private final MigrationPool migrations;
    // Of the device with id i at i - 1; all are there, so that a close finds all.
    private final List<DeviceWindow> deviceWindows;
    private final long coherentTiers; // whose memory the CPU can use in place; bit i for tier i
    private volatile boolean closed;

    /**
     * Puts the parts of a buffer together.
     *
     * @param bufferId its number, for messages
     * @param table its words
     * @param home its home, of {@code table.pageCount() * pageBytes} bytes
     * @param pageBytes size of a page
     * @param devices the runtime's devices; the one with id {@code i} is at index {@code i - 1}
     * @param migrations scratch
     */
    public Pages(
            long bufferId,
            PageTable table,
            HomeWindow home,
            long pageBytes,
            List<DeviceSlot> devices,
            MigrationPool migrations) {
        this.bufferId = bufferId;
        this.table = table;
        this.home = home;
        this.pageBytes = pageBytes;
        this.devices = devices;
        this.migrations = migrations;
        this.deviceWindows = devices.stream()
                .map(device -> new DeviceWindow(device, home.memory().byteSize()))
                .toList();
        long coherent = 1L << PageWord.HOME;
        for (DeviceSlot device : devices) {
            coherent |= device.isCoherent() ? 1L << device.id() : 0;
        }
        this.coherentTiers = coherent;
    }

    /** {@return the tiers that are gone, as far as a page is on one; a set like the others} */
    private long lostTiers(long word) {
        int tier = PageWord.state(word) == PageWord.DEVICE ? PageWord.device(word) : PageWord.HOME;
        return tier != PageWord.HOME && device(tier).isLost() ? 1L << tier : 0;
    }

    /** {@return what an operation may do with a page that has this word, as {@link Rules} say} */
    Verdict verdict(Verb verb, int tier, long word) {
        return Rules.verdict(verb, word, table.bufferWord(), tier, coherentTiers, lostTiers(word));
    }

    /** {@return whether that is {@link Verdict#IN_PLACE}} */
    boolean isInPlace(Verb verb, int tier, long word) {
        return Rules.isInPlace(verb, word, tier, coherentTiers, lostTiers(word));
    }

    public long bufferId() {
        return bufferId;
    }

    public PageTable table() {
        return table;
    }

    /** {@return the memory of the buffer at home; page i is at i times the page size} */
    public HomeWindow home() {
        return home;
    }

    /** {@return the memory of the buffer on the tier that a page word names} */
    public TierWindow window(int tier) {
        return tier == PageWord.HOME ? home : deviceWindow(tier);
    }

    public long pageBytes() {
        return pageBytes;
    }

    /** {@return the most pages that one batch locks} */
    long batchPages() {
        return Math.max(1, Migration.BYTES_MAX / pageBytes);
    }

    MigrationPool migrations() {
        return migrations;
    }

    /** {@return the device that a page word names} */
    public DeviceSlot device(int id) {
        return devices.get(id - 1);
    }

    /** {@return the failure of what needs pages on a tier that is lost, null if it is not} */
    DeviceLostException lost(int tier) {
        return tier != PageWord.HOME && device(tier).isLost()
                ? new DeviceLostException(
                        "device " + device(tier) + " is lost; the pages stay where they are", null)
                : null;
    }

    /** {@return the buffer's window on a device} */
    public DeviceWindow deviceWindow(int id) {
        return deviceWindows.get(id - 1);
    }

    /**
     * {@return the address of the buffer's window that a segment lies in, 0 if in none}; right
     * while somebody keeps the pages there, as whoever has the segment does
     */
    public long windowOf(MemorySegment memory) {
        if (!memory.isNative()) {
            return 0;
        }
        if (overlaps(home.memory().address(), memory)) {
            return home.memory().address();
        }
        for (DeviceWindow known : deviceWindows) {
            long address = known.address();
            if (address != 0 && overlaps(address, memory)) {
                return address;
            }
        }
        return 0;
    }

    private boolean overlaps(long start, MemorySegment memory) {
        return memory.address() < start + home.memory().byteSize()
                && start < memory.address() + memory.byteSize();
    }

    public boolean isClosed() {
        return closed;
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
    public void keepWindows() {
        home.keep();
        for (DeviceWindow each : deviceWindows) {
            each.keep();
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
