// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.Device;
import io.highpage.DeviceException;
import io.highpage.DeviceLostException;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import java.util.Objects;

/** A device in a runtime: the number that page words carry, its memory, and whether it is still there. */
public final class DeviceSlot implements Device {
    private final int id;
    private final String name;
    private final DeviceMemory memory;
    private final DeviceKind kind; // asked once: what rests on it must not change
    private final DeviceHeap heap;
    private volatile boolean lost;

    /**
     * Puts a device into a runtime.
     *
     * @param id its number in page words, 1 to 63
     * @param name its name in the runtime
     * @param memory its memory
     * @param limitBytes the most bytes that buffers may take
     * @param alignment alignment of device windows in bytes
     * @throws IllegalArgumentException if what the device says of itself cannot be
     */
    public DeviceSlot(int id, String name, DeviceMemory memory, long limitBytes, long alignment) {
        this.id = id;
        this.name = name;
        this.memory = memory;
        this.kind = Objects.requireNonNull(memory.kind(), name);
        if (memory.capacityBytes() < 1 || memory.maxExtentBytes() < 1) {
            throw new IllegalArgumentException("device " + name + " says that it has " + memory.capacityBytes()
                    + " bytes, and at most " + memory.maxExtentBytes() + " in one piece; both must be positive");
        }
        this.heap = new DeviceHeap(name, memory, limitBytes, alignment);
    }

    /** {@return its number in page words} */
    public int id() {
        return id;
    }

    public DeviceHeap heap() {
        return heap;
    }

    public boolean isCoherent() {
        return kind == DeviceKind.COHERENT;
    }

    /** Looks whether a failed call says that the device is gone. Pages found on it from then on are lost. */
    public void note(Throwable failure) {
        if (failure instanceof DeviceLostException) {
            lost = true;
        }
    }

    /** Gives its memory back and closes it. {@return how that failed, or null; a lost device has nothing to give back} */
    public DeviceException close() {
        DeviceException failure = heap.close();
        try {
            memory.close();
        } catch (DeviceException failed) {
            failure = failure == null ? failed : failure;
        }
        note(failure);
        return lost ? null : failure;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public DeviceKind kind() {
        return kind;
    }

    @Override
    public long limitBytes() {
        return heap.limitBytes();
    }

    @Override
    public long usedBytes() {
        return heap.usedBytes();
    }

    @Override
    public long maxBufferBytes() {
        return heap.maxPlaceBytes();
    }

    @Override
    public boolean isLost() {
        return lost;
    }

    @Override
    public DeviceMemory memory() {
        return memory;
    }

    @Override
    public String toString() {
        return name;
    }
}
