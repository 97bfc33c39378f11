// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

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
    private MemorySegment memory; // of the place, made when it is first asked for

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
     */
    public synchronized void retain(long pages) {
        if (users == 0 && place == null) {
            place = device.heap().allocate(byteSize);
        }
        users += pages;
    }

    /** Takes pages that have left, or did not come, off the count. */
    public synchronized void release(long pages) {
        users -= pages;
        assert users >= 0 : "device window count below zero: " + users;
        if (users == 0) {
            drop();
        }
    }

    /** {@return where the window is; valid while a page is counted} */
    public synchronized Place place() {
        assert place != null : "no page is counted";
        return place;
    }

    /** {@return the window as memory; of a coherent device, valid while a page is counted} */
    public synchronized MemorySegment memory() {
        if (memory == null) {
            Place at = place();
            memory = at.extent().view(at.base(), byteSize).segment();
        }
        return memory;
    }

    /** Gives the window back whatever is counted: the buffer closes. */
    public synchronized void drop() {
        if (place != null) {
            device.heap().free(place);
            place = null;
            memory = null;
        }
        users = 0;
    }
}
