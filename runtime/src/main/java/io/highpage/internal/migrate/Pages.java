// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.memory.HostMemory;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** What the migration of one buffer's pages works on: its table, its windows, its devices. Thread-safe. */
public final class Pages {
    private final long bufferId;
    private final PageTable table;
    private final MemorySegment window;
    private final long pageBytes;
    private final List<DeviceSlot> devices;
    private final HostMemory hostMemory;
    private final MigrationPool migrations;
    private final AtomicReferenceArray<DeviceWindow> deviceWindows =
            new AtomicReferenceArray<>(PageWord.DEVICES_MAX + 1);
    private volatile boolean closed;

    /**
     * Puts the parts of a buffer together.
     *
     * @param bufferId its number, for messages
     * @param table its words
     * @param window its host window, of {@code table.pageCount() * pageBytes} bytes
     * @param pageBytes size of a page
     * @param devices the runtime's devices; the one with id {@code i} is at index {@code i - 1}
     * @param hostMemory commits window memory
     * @param migrations scratch
     */
    public Pages(
            long bufferId,
            PageTable table,
            MemorySegment window,
            long pageBytes,
            List<DeviceSlot> devices,
            HostMemory hostMemory,
            MigrationPool migrations) {
        this.bufferId = bufferId;
        this.table = table;
        this.window = window;
        this.pageBytes = pageBytes;
        this.devices = devices;
        this.hostMemory = hostMemory;
        this.migrations = migrations;
    }

    public long bufferId() {
        return bufferId;
    }

    public PageTable table() {
        return table;
    }

    /** {@return the host window; page i is at i times the page size} */
    public MemorySegment window() {
        return window;
    }

    public long pageBytes() {
        return pageBytes;
    }

    /** {@return the most pages that one batch locks} */
    long batchPages() {
        return Math.max(1, Migration.BYTES_MAX / pageBytes);
    }

    HostMemory hostMemory() {
        return hostMemory;
    }

    MigrationPool migrations() {
        return migrations;
    }

    /** {@return the device that a page word names} */
    public DeviceSlot device(int id) {
        return devices.get(id - 1);
    }

    /** {@return the buffer's window on a device} */
    public DeviceWindow deviceWindow(int id) {
        DeviceWindow known = deviceWindows.get(id);
        if (known != null) {
            return known;
        }
        DeviceWindow made = new DeviceWindow(device(id), window.byteSize());
        if (!deviceWindows.compareAndSet(id, null, made)) {
            return deviceWindows.get(id);
        }
        if (closed) {
            made.drop(); // close() may have looked before it was there
        }
        return made;
    }

    /**
     * {@return the address of the buffer's window that a segment lies in, 0 if in none}; right while somebody keeps the pages
     * there, as whoever has the segment does
     */
    public long windowOf(MemorySegment memory) {
        if (!memory.isNative()) {
            return 0;
        }
        if (overlaps(window.address(), memory)) {
            return window.address();
        }
        for (DeviceSlot device : devices) {
            DeviceWindow known = deviceWindows.get(device.id());
            if (known != null && known.address() != 0 && overlaps(known.address(), memory)) {
                return known.address();
            }
        }
        return 0;
    }

    private boolean overlaps(long start, MemorySegment memory) {
        return memory.address() < start + window.byteSize() && start < memory.address() + memory.byteSize();
    }

    public boolean isClosed() {
        return closed;
    }

    /** Remembers that every page is closed, and gives the device windows back. */
    public void close() {
        closed = true;
        for (DeviceSlot device : devices) {
            DeviceWindow deviceWindow = deviceWindows.get(device.id());
            if (deviceWindow != null) {
                deviceWindow.drop();
            }
        }
    }
}
