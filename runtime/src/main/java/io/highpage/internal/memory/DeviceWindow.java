// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.DeviceException;
import io.highpage.device.DeviceView;
import io.highpage.internal.memory.DeviceHeap.Place;
import java.lang.foreign.MemorySegment;

/**
 * A buffer's window on one device: one contiguous piece of device memory for the whole buffer, taken when the first page
 * moves there and given back when the last one leaves. Guarded by its own monitor.
 */
public final class DeviceWindow {
    private final DeviceSlot device;
    private final long byteSize;
    private long users;
    private Place place;
    private volatile DeviceView view; // of a coherent device: what the CPU sees, made once
    private boolean dropped;

    public DeviceWindow(DeviceSlot device, long byteSize) {
        this.device = device;
        this.byteSize = byteSize;
    }

    public DeviceSlot device() {
        return device;
    }

    /**
     * Counts pages that are on the device or may come to it. Called before a page is owned: the driver may take its time.
     *
     * @throws io.highpage.OutOfPageMemoryException if the device has no room for the buffer
     * @throws IllegalStateException if the buffer is closed
     */
    public synchronized void retain(long pages) {
        if (dropped) {
            throw new IllegalStateException("the buffer is closed");
        }
        if (place == null) {
            take();
        }
        users += pages;
    }

    private void take() {
        Place taken = device.heap().allocate(byteSize);
        if (device.isCoherent()) {
            try {
                view = viewed(taken);
            } catch (RuntimeException failure) {
                device.heap().free(taken);
                throw failure;
            }
        }
        place = taken;
    }

    /** {@return what the CPU sees of a window; the driver is not believed that it sees all of it} */
    private DeviceView viewed(Place taken) {
        DeviceView seen = taken.extent().view(taken.base(), byteSize);
        if (seen.segment() == null || seen.segment().byteSize() != byteSize) {
            seen.release().run();
            throw new DeviceException(
                    "device " + device + " shows " + seen.segment() + " for " + byteSize + " bytes", null);
        }
        return seen;
    }

    /** Takes pages that have left, or did not come, off the count. Does nothing once the buffer is closed. */
    public synchronized void release(long pages) {
        if (dropped) {
            return; // the buffer was closed between a retain and the look at its pages
        }
        users -= pages;
        assert users >= 0 : "device window count below zero: " + users;
        if (users == 0) {
            give();
        }
    }

    /** {@return where the window is; valid while a page is counted} */
    public synchronized Place place() {
        assert place != null : "no page is counted";
        return place;
    }

    /** {@return the window as memory; of a coherent device, valid while a page is counted} */
    public synchronized MemorySegment memory() {
        assert view != null : "no page is counted, or the device is private";
        return view.segment();
    }

    /** {@return where its memory begins; 0 if there is none now, or none that the CPU can touch} */
    public long address() {
        DeviceView seen = view;
        return seen == null ? 0 : seen.segment().address();
    }

    /** Gives the window back whatever is counted: the buffer closes. It is never taken again. */
    public synchronized void drop() {
        dropped = true;
        users = 0;
        give();
    }

    private void give() {
        if (place == null) {
            return;
        }
        if (view != null) {
            view.release().run();
            view = null;
        }
        device.heap().free(place);
        place = null;
    }
}
