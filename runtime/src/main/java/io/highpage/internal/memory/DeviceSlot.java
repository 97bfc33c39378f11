// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.Device;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.budget.UseClock;
import io.highpage.internal.close.Closes;
import io.highpage.internal.log.Log;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.DeviceTraffic;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A device in a runtime: the number that page words carry, its memory, and whether it is still
 * there.
 */
public final class DeviceSlot implements Device {
    private final int id;
    private final String name;
    private final DeviceMemory memory;
    private final DeviceKind kind; // asked once: what rests on it must not change
    private final String route;
    private final DeviceHeap heap;
    private final UseClock clock = new UseClock();
    private final Traffic traffic = new Traffic();

    private final Residents residents = new Residents();

    private final AtomicBoolean complained = new AtomicBoolean();
    private volatile boolean lost;
    private volatile boolean gone;

    /**
     * Puts a device into a runtime.
     *
     * @param id its number in page words, 1 to 63
     * @param name its name in the runtime
     * @param memory its memory
     * @param budget of all that buffers take; its limit is that of the device
     * @param alignment alignment of device windows in bytes
     * @throws IllegalArgumentException if what the device says of itself cannot be
     */
    public DeviceSlot(int id, String name, DeviceMemory memory, BudgetNode budget, long alignment) {
        this.id = id;
        this.name = name;
        this.memory = memory;
        this.kind = Objects.requireNonNull(memory.kind(), name);
        this.route = Objects.requireNonNull(memory.route(), name);
        if (memory.capacityBytes() < 1 || memory.maxExtentBytes() < 1) {
            throw new IllegalArgumentException("device " + name + " says that it has "
                    + memory.capacityBytes() + " bytes, and at most " + memory.maxExtentBytes()
                    + " in one piece; both must be positive");
        }
        this.heap = new DeviceHeap(id, name, memory, budget, alignment);
    }

    /** {@return its number in page words} */
    public int id() {
        return id;
    }

    public DeviceHeap heap() {
        return heap;
    }

    /** {@return the time that uses of spans on it are told in} */
    public UseClock clock() {
        return clock;
    }

    /** {@return the counters behind {@link #traffic()}} */
    Traffic counters() {
        return traffic;
    }

    /** {@return the windows that have memory of it, or get or give some; a snapshot} */
    public List<DeviceWindow> windows() {
        return residents.list();
    }

    /** {@return where they are noted} */
    Residents residents() {
        return residents;
    }

    /**
     * Counts a span that left to make room. If far more moves than is used, that is said once.
     *
     * @param bytes of the pages that it had here
     * @param copied those that had to be copied home
     */
    public void evicted(long bytes, long copied) {
        traffic.evicted(bytes, copied);
        long uses = clock.now();
        // ORD volatile: it is told once; pairs with itself.
        if (traffic.isMuch(limitBytes(), uses) && complained.compareAndSet(false, true)) {
            Log.warn(
                    DeviceSlot.class,
                    "device " + name + " moves more than is used: " + traffic.sum() + ", for "
                            + uses + " uses of spans, with room for " + limitBytes()
                            + " bytes. The spans that are used in turn do not fit together: do all"
                            + " that is to be done with some before the next ones, take smaller"
                            + " spans (Allocation.spanBytes) if parts of them are used, or raise"
                            + " the limit");
        }
    }

    /** {@return who copies to and from it, in a few words} */
    String route() {
        return route;
    }

    public boolean isCoherent() {
        return kind == DeviceKind.COHERENT;
    }

    /** {@return whether an address is one that only kernels can use, of this device's memory} */
    public boolean isForKernels(long address) {
        return !isCoherent() && heap.has(address);
    }

    /**
     * Looks whether a failed call says that the device is gone. Pages found on it from then on are
     * lost.
     */
    public void note(@Nullable Throwable failure) {
        if (failure instanceof DeviceLostException) {
            lost = true;
        }
    }

    /**
     * Gives its memory back and closes it, unless another device may still use some of it. Goes on
     * where it stopped if it is called again.
     *
     * @return the first failure, in which the others are suppressed, or null; what the driver of a
     *     lost device says of the end is no failure: there is nothing to give back
     */
    public @Nullable Throwable close() {
        if (gone) {
            return null;
        }
        Throwable failed = heap.close();
        try {
            if (heap.isGone()) {
                DeviceOwners.release(memory); // from here on it may close
                if (!heap.abandons()) {
                    memory.close();
                }
                gone = true;
            }
        } catch (RuntimeException failure) {
            gone = true; // it counts as closed: asked again, it would do nothing
            failed = Closes.first(failed, failure);
        } catch (Error failure) {
            failed = Closes.first(failed, failure);
        }
        note(failed);
        return lost && failed instanceof DeviceException ? null : failed;
    }

    /** {@return whether it is closed} */
    public boolean isGone() {
        return gone;
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
    public DeviceTraffic traffic() {
        return traffic.sum();
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
